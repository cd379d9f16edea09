// The driver's calls for memory.
#include <cstdlib>
#include <cstring>
#include <map>

#include "state.h"

namespace standin {
namespace {

struct Pinned {
  std::size_t bytes;
  bool owned;  // allocated here, or only registered
};

std::map<std::uintptr_t, Pinned> pinned;

}  // namespace

bool isPinned(const void* address, std::size_t bytes) {
  auto at = reinterpret_cast<std::uintptr_t>(address);
  auto next = pinned.upper_bound(at);
  if (next == pinned.begin()) return false;
  auto range = std::prev(next);
  return at + bytes <= range->first + range->second.bytes;
}

}  // namespace standin

namespace {

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;
using Bytes = std::shared_ptr<std::vector<char>>;

Bytes snapshot(const void* host, std::size_t bytes) {
  auto from = static_cast<const char*>(host);
  return std::make_shared<std::vector<char>>(from, from + bytes);
}

CUresult illegal(const char* call, const std::string& text) {
  return fail(CUDA_ERROR_INVALID_VALUE, format("%s: %s", call, text.c_str()));
}

/** Device operands are looked at when the call is made, and again when its work runs. */
CUresult requireBytes(const char* call, CUdeviceptr address, std::size_t bytes) {
  std::string text = violation("the device's operand", address, bytes);
  return text.empty() ? CUDA_SUCCESS : illegal(call, text);
}

CUresult requireHost(const char* call, const void* host, std::size_t bytes) {
  if (host == nullptr && bytes > 0) return illegal(call, "the host's operand is null");
  return inDeviceRange(reinterpret_cast<CUdeviceptr>(host))
             ? illegal(call, "the host's operand is device memory")
             : CUDA_SUCCESS;
}

CUresult toDevice(const char* call, CUdeviceptr to, const void* from, std::size_t bytes,
                  CUstream stream) {
  if (CUresult r = requireBytes(call, to, bytes)) return r;
  if (CUresult r = requireHost(call, from, bytes)) return r;
  if (isPinned(from, bytes)) {
    return enqueue(call, stream, [=] {
      check("target", to, bytes);
      if (!isPinned(from, bytes)) {
        throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS, "the pinned source was freed before the copy ran"};
      }
      std::memcpy(at<void>(to), from, bytes);
    });
  }
  if (isCapturing(stream)) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                format("%s: a graph would read pageable host memory at each replay", call));
  }
  Bytes staged = snapshot(from, bytes);
  return enqueue(call, stream, [=] {
    check("target", to, bytes);
    std::memcpy(at<void>(to), staged->data(), bytes);
  });
}

CUresult toHost(const char* call, void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  if (CUresult r = requireBytes(call, from, bytes)) return r;
  if (CUresult r = requireHost(call, to, bytes)) return r;
  bool later = isPinned(to, bytes);
  if (!later && isCapturing(stream)) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                format("%s: a graph would write pageable host memory at each replay", call));
  }
  CUresult result = enqueue(call, stream, [=] {
    check("source", from, bytes);
    if (later && !isPinned(to, bytes)) {
      throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS, "the pinned target was freed before the copy ran"};
    }
    std::memcpy(to, at<void>(from), bytes);
  });
  return result != CUDA_SUCCESS || later ? result : drain(stream);
}

template <typename T>
CUresult fill(const char* call, CUdeviceptr to, T value, std::size_t count, CUstream stream) {
  if (to % sizeof(T) != 0) return illegal(call, "the address is not a multiple of the element");
  if (CUresult r = requireBytes(call, to, count * sizeof(T))) return r;
  return enqueue(call, stream, [=] {
    check("target", to, count * sizeof(T));
    std::fill_n(at<T>(to), count, value);
  });
}

CUresult copyInside(const char* call, CUdeviceptr to, CUdeviceptr from, std::size_t bytes,
                    CUstream stream) {
  if (CUresult r = requireBytes(call, to, bytes)) return r;
  if (CUresult r = requireBytes(call, from, bytes)) return r;
  if (bytes > 0 && to < from + bytes && from < to + bytes) {
    return illegal(call, "source and target overlap");
  }
  return enqueue(call, stream, [=] {
    check("target", to, bytes);
    check("source", from, bytes);
    std::memcpy(at<void>(to), at<void>(from), bytes);
  });
}

}  // namespace

STANDIN_CALL CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemGetInfo")) return r;
  *total = totalMemory();
  *free = totalMemory() - usedMemory();
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemAlloc")) return r;
  if (CUresult r = refuseInCapture("cuMemAlloc")) return r;
  return allocateDevice(currentContext(), address, bytes);
}

/** Frees after all work has run: the programming guide says that it makes the device synchronise. */
STANDIN_CALL CUresult cuMemFree_v2(CUdeviceptr address) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemFree")) return r;
  if (CUresult r = refuseInCapture("cuMemFree")) return r;
  if (address == 0) return CUDA_SUCCESS;
  CUresult before = finish(currentContext());
  CUresult result = freeDevice(address);
  return before != CUDA_SUCCESS ? before : result;
}

STANDIN_CALL CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, std::size_t* bytes, CUdeviceptr address) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemGetAddressRange")) return r;
  CUdeviceptr start;
  std::size_t size;
  if (!findDevice(address, &start, &size)) return illegal("cuMemGetAddressRange", "no allocation");
  if (base != nullptr) *base = start;
  if (bytes != nullptr) *bytes = size;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuMemHostAlloc(void** host, std::size_t bytes, unsigned) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemHostAlloc")) return r;
  if (CUresult r = refuseInCapture("cuMemHostAlloc")) return r;
  if (bytes == 0) return illegal("cuMemHostAlloc", "0 bytes");
  *host = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (*host == nullptr) return fail(CUDA_ERROR_OUT_OF_MEMORY, "cuMemHostAlloc");
  std::memset(*host, 0xff, bytes);
  pinned[reinterpret_cast<std::uintptr_t>(*host)] = {bytes, true};
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuMemAllocHost_v2(void** host, std::size_t bytes) {
  return cuMemHostAlloc(host, bytes, 0);
}

STANDIN_CALL CUresult cuMemFreeHost(void* host) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemFreeHost")) return r;
  if (CUresult r = refuseInCapture("cuMemFreeHost")) return r;
  auto found = pinned.find(reinterpret_cast<std::uintptr_t>(host));
  if (found == pinned.end() || !found->second.owned) {
    return illegal("cuMemFreeHost", "the memory was freed before or never allocated");
  }
  CUresult before = finish(currentContext());
  pinned.erase(found);
  std::free(host);
  return before;
}

STANDIN_CALL CUresult cuMemHostRegister_v2(void* host, std::size_t bytes, unsigned) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemHostRegister")) return r;
  if (isPinned(host, 1)) return fail(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "cuMemHostRegister");
  pinned[reinterpret_cast<std::uintptr_t>(host)] = {bytes, false};
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuMemHostUnregister(void* host) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemHostUnregister")) return r;
  auto found = pinned.find(reinterpret_cast<std::uintptr_t>(host));
  if (found == pinned.end() || found->second.owned) {
    return fail(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "cuMemHostUnregister");
  }
  CUresult before = finish(currentContext());
  pinned.erase(found);
  return before;
}

STANDIN_CALL CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* host, unsigned) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemHostGetDevicePointer")) return r;
  if (!isPinned(host, 1)) return illegal("cuMemHostGetDevicePointer", "the memory is not pinned");
  *address = reinterpret_cast<CUdeviceptr>(host);
  return CUDA_SUCCESS;
}

/**
 * Returns when the source may be used again. From pageable memory the copy itself may still be
 * under way for streams that do not wait for the legacy one, as the manual warns ("API
 * synchronization behavior"): such a stream sees the old contents here.
 */
STANDIN_CALL CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t bytes) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemcpyHtoD")) return r;
  if (CUresult r = refuseInCapture("cuMemcpyHtoD")) return r;
  bool waits = isPinned(from, bytes);
  CUresult result = toDevice("cuMemcpyHtoD", to, from, bytes, nullptr);
  return result != CUDA_SUCCESS || !waits ? result : drain(nullptr);
}

STANDIN_CALL CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t bytes) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemcpyDtoH")) return r;
  if (CUresult r = refuseInCapture("cuMemcpyDtoH")) return r;
  CUresult result = toHost("cuMemcpyDtoH", to, from, bytes, nullptr);
  return result != CUDA_SUCCESS ? result : drain(nullptr);
}

STANDIN_CALL CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemcpyDtoD")) return r;
  if (CUresult r = refuseInCapture("cuMemcpyDtoD")) return r;
  return copyInside("cuMemcpyDtoD", to, from, bytes, nullptr);
}

STANDIN_CALL CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes,
                                           CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuMemcpyHtoDAsync", stream)) return r;
  return toDevice("cuMemcpyHtoDAsync", to, from, bytes, stream);
}

STANDIN_CALL CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes,
                                           CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuMemcpyDtoHAsync", stream)) return r;
  return toHost("cuMemcpyDtoHAsync", to, from, bytes, stream);
}

STANDIN_CALL CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes,
                                           CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuMemcpyDtoDAsync", stream)) return r;
  return copyInside("cuMemcpyDtoDAsync", to, from, bytes, stream);
}

STANDIN_CALL CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, std::size_t count) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemsetD8")) return r;
  if (CUresult r = refuseInCapture("cuMemsetD8")) return r;
  return fill("cuMemsetD8", to, value, count, nullptr);
}

STANDIN_CALL CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, std::size_t count) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuMemsetD32")) return r;
  if (CUresult r = refuseInCapture("cuMemsetD32")) return r;
  return fill("cuMemsetD32", to, value, count, nullptr);
}

STANDIN_CALL CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count,
                                      CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuMemsetD8Async", stream)) return r;
  return fill("cuMemsetD8Async", to, value, count, stream);
}

STANDIN_CALL CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, std::size_t count,
                                       CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuMemsetD32Async", stream)) return r;
  return fill("cuMemsetD32Async", to, value, count, stream);
}
