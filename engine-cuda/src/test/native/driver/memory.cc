// Where device memory comes from. Every allocation has pages of its own between pages that nobody
// may touch, ends at the end of its last page (rounded to 256 bytes), and its addresses are never
// given out again: a kernel that runs over the end or uses freed memory stops at that access.
#include "memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>

namespace standin {
namespace {

constexpr std::size_t PAGE = 4096;
constexpr std::size_t ALIGNMENT = 256;              // what cuMemAlloc promises
constexpr std::size_t RANGE = std::size_t{1} << 42;  // 4 TiB of addresses: enough for never reusing one
constexpr std::size_t DEFAULT_TOTAL = std::size_t{8} << 30;
constexpr unsigned char POISON = 0xff;  // a NaN as float, -1 as an integer
constexpr unsigned char CANARY = 0xfd;  // a NaN too, but not the same

struct Block {
  CUcontext context;
  std::size_t bytes;  // as asked
  char* pages;        // first page
  std::size_t span;   // bytes of all its pages
};

std::map<CUdeviceptr, Block> blocks;
std::map<CUdeviceptr, std::size_t> freed;  // for the texts only
char* range = nullptr;
std::size_t taken = 0;
std::size_t used = 0;

std::size_t roundUp(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

bool openRange() {
  if (range == nullptr) {
    void* p = mmap(nullptr, RANGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    range = p == MAP_FAILED ? nullptr : static_cast<char*>(p);
  }
  return range != nullptr;
}

bool untouched(const char* from, const char* to) {
  for (; from < to; from++) {
    if (static_cast<unsigned char>(*from) != CANARY) return false;
  }
  return true;
}

void checkCanary(CUdeviceptr address, const Block& block) {
  char* data = at<char>(address);
  if (!untouched(block.pages, data)) {
    std::memset(block.pages, CANARY, data - block.pages);
    throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS,
                format("something wrote in front of the allocation of %zu bytes at %#llx",
                       block.bytes, address)};
  }
  char* end = block.pages + block.span;
  if (!untouched(data + block.bytes, end)) {
    std::memset(data + block.bytes, CANARY, end - data - block.bytes);
    throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS,
                format("something wrote behind the allocation of %zu bytes at %#llx", block.bytes,
                       address)};
  }
}

/** The block that an address belongs to, its end included, or the end of the map. */
std::map<CUdeviceptr, Block>::iterator blockOf(CUdeviceptr address) {
  auto next = blocks.upper_bound(address);
  if (next == blocks.begin()) return blocks.end();
  auto block = std::prev(next);
  return address <= block->first + block->second.bytes ? block : blocks.end();
}

void release(std::map<CUdeviceptr, Block>::iterator found) {
  const Block& block = found->second;
  // The same addresses again without memory: every use after this one faults.
  mmap(block.pages, block.span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
       -1, 0);
  used -= block.bytes;
  freed[found->first] = block.bytes;
  blocks.erase(found);
}

}  // namespace

std::size_t totalMemory() {
  static const std::size_t total = [] {
    const char* text = std::getenv("TANDEM_STANDIN_MEMORY");
    return text == nullptr ? DEFAULT_TOTAL : std::strtoull(text, nullptr, 10);
  }();
  return total;
}

std::size_t usedMemory() { return used; }

CUresult allocateDevice(CUcontext context, CUdeviceptr* address, std::size_t bytes) {
  if (address == nullptr || bytes == 0) {
    return fail(CUDA_ERROR_INVALID_VALUE, "an allocation of 0 bytes");
  }
  std::size_t span = roundUp(bytes, PAGE);
  if (bytes > totalMemory() - used || !openRange() || taken + span + 2 * PAGE > RANGE) {
    return fail(CUDA_ERROR_OUT_OF_MEMORY, format("%zu bytes asked, %zu of %zu in use", bytes, used,
                                                 totalMemory()));
  }
  char* pages = range + taken + PAGE;
  if (mprotect(pages, span, PROT_READ | PROT_WRITE) != 0) {
    return fail(CUDA_ERROR_OUT_OF_MEMORY, format("the host has no %zu bytes", bytes));
  }
  taken += PAGE + span;
  char* data = pages + span - roundUp(bytes, ALIGNMENT);
  std::memset(pages, CANARY, data - pages);
  std::memset(data, POISON, bytes);
  std::memset(data + bytes, CANARY, pages + span - data - bytes);
  *address = reinterpret_cast<CUdeviceptr>(data);
  used += bytes;
  blocks[*address] = {context, bytes, pages, span};
  return CUDA_SUCCESS;
}

CUresult freeDevice(CUdeviceptr address) {
  auto found = blocks.find(address);
  if (found == blocks.end()) {
    return fail(CUDA_ERROR_INVALID_VALUE,
                freed.count(address) ? format("%#llx was freed before", address)
                                     : format("%#llx is not the start of an allocation", address));
  }
  CUresult result = CUDA_SUCCESS;
  try {
    checkCanary(address, found->second);
  } catch (const Fault& fault) {
    result = fail(fault.code, fault.text);
  }
  release(found);
  return result;
}

void freeAllOf(CUcontext context) {
  for (auto it = blocks.begin(); it != blocks.end();) {
    auto next = std::next(it);
    if (it->second.context == context) release(it);
    it = next;
  }
}

bool findDevice(CUdeviceptr address, CUdeviceptr* base, std::size_t* bytes) {
  auto found = blockOf(address);
  if (found == blocks.end()) return false;
  *base = found->first;
  *bytes = found->second.bytes;
  return true;
}

void checkCanaries() {
  for (const auto& [address, block] : blocks) checkCanary(address, block);
}

bool inDeviceRange(CUdeviceptr address) {
  CUdeviceptr start = reinterpret_cast<CUdeviceptr>(range);
  return range != nullptr && address >= start && address < start + RANGE;
}

std::string describeAddress(CUdeviceptr address) {
  if (!inDeviceRange(address)) return format("%#llx, which is no device memory", address);
  auto next = blocks.upper_bound(address);
  if (next != blocks.begin()) {
    const auto& [start, block] = *std::prev(next);
    if (address < start + block.bytes + PAGE) {
      return format("%#llx, byte %llu of the allocation of %zu bytes at %#llx", address,
                    address - start, block.bytes, start);
    }
  }
  if (next != blocks.end() && address + PAGE >= next->first) {
    return format("%#llx, %llu bytes in front of the allocation of %zu bytes at %#llx", address,
                  next->first - address, next->second.bytes, next->first);
  }
  auto old = freed.upper_bound(address);
  if (old != freed.begin() && address < std::prev(old)->first + std::prev(old)->second) {
    return format("%#llx, in %zu bytes at %#llx that were freed", address, std::prev(old)->second,
                  std::prev(old)->first);
  }
  return format("%#llx, which was never allocated", address);
}

std::string violation(const char* what, CUdeviceptr address, std::size_t bytes) {
  auto found = blockOf(address);
  if (found != blocks.end()) {
    CUdeviceptr end = found->first + found->second.bytes;
    if (bytes <= end - address) return {};
    return format("%s: %zu bytes from byte %llu of the allocation of %zu bytes at %#llx", what,
                  bytes, address - found->first, found->second.bytes, found->first);
  }
  if (isPinned(at<void>(address), bytes)) return {};
  return format("%s: %zu bytes at %s", what, bytes, describeAddress(address).c_str());
}

void check(const char* what, CUdeviceptr address, std::size_t bytes) {
  std::string text = violation(what, address, bytes);
  if (!text.empty()) throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS, text};
}

}  // namespace standin
