// Streams: work is kept until somebody waits for it, so that a host that forgets to wait sees old
// data every time and not once in a thousand runs.
#include <algorithm>
#include <chrono>

#include "state.h"

namespace standin {
namespace {

bool kernelRan = false;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void lookAfterKernels(CUcontext context) {
  if (!kernelRan) return;
  kernelRan = false;
  try {
    checkCanaries();
  } catch (const Fault& fault) {
    context->pending = fail(fault.code, fault.text);
  }
}

std::set<CUevent>& liveEvents() {
  static std::set<CUevent> live;
  return live;
}

CUresult requireEvent(const char* call, CUevent event) {
  if (CUresult r = requireContext(call)) return r;
  if (!liveEvents().count(event)) {
    return fail(CUDA_ERROR_INVALID_HANDLE, format("%s: the event was destroyed or never made", call));
  }
  if (event->context != currentContext()) {
    return fail(CUDA_ERROR_INVALID_HANDLE, format("%s: the event is another context's", call));
  }
  return CUDA_SUCCESS;
}

CUresult capturedEvent(const char* call) {
  return fail(CUDA_ERROR_CAPTURED_EVENT,
              format("%s: the event's last record went into a graph", call));
}

}  // namespace

std::recursive_mutex& mutex() {
  static std::recursive_mutex lock;
  return lock;
}

void markKernel() { kernelRan = true; }

std::set<CUstream>& liveStreams() {
  static std::set<CUstream> live;
  return live;
}

CUstream newStream(CUcontext context, unsigned flags) {
  CUstream stream = new CUstream_st{context, flags, {}, nullptr};
  context->streams.insert(stream);
  liveStreams().insert(stream);
  return stream;
}

void deleteStream(CUstream stream) {
  stream->context->streams.erase(stream);
  liveStreams().erase(stream);
  delete stream;
}

CUstream resolve(CUstream handle) {
  auto number = reinterpret_cast<std::uintptr_t>(handle);
  if (number == 0 || number == 1) return currentContext()->legacy;
  return liveStreams().count(handle) ? handle : nullptr;
}

CUresult requireStream(const char* call, CUstream handle) {
  if (CUresult r = requireContext(call)) return r;
  CUstream stream = resolve(handle);
  if (stream == nullptr) {
    return fail(CUDA_ERROR_INVALID_HANDLE, format("%s: the stream was destroyed or never made", call));
  }
  if (stream->context != currentContext()) {
    return fail(CUDA_ERROR_INVALID_HANDLE, format("%s: the stream is another context's", call));
  }
  return CUDA_SUCCESS;
}

bool step(CUstream stream) {
  if (stream->queue.empty()) return false;
  Operation operation = std::move(stream->queue.front());
  stream->queue.pop_front();
  try {
    operation.run();
  } catch (const Fault& fault) {
    stream->context->pending = fail(fault.code, operation.call + ": " + fault.text);
  }
  return true;
}

CUresult takePending(CUcontext context) {
  CUresult result = context->pending;
  context->pending = CUDA_SUCCESS;
  return result;
}

void drainBlocking(CUcontext context) {
  for (CUstream other : context->streams) {
    if (other != context->legacy && !(other->flags & CU_STREAM_NON_BLOCKING)) {
      while (step(other)) {
      }
    }
  }
}

CUresult finish(CUstream stream) {
  if (stream == stream->context->legacy) drainBlocking(stream->context);
  while (step(stream)) {
  }
  lookAfterKernels(stream->context);
  return takePending(stream->context);
}

CUresult finish(CUcontext context) {
  for (CUstream stream : context->streams) {
    while (step(stream)) {
    }
  }
  lookAfterKernels(context);
  return takePending(context);
}

CUresult drain(CUstream handle) { return finish(resolve(handle)); }

CUresult enqueue(const char* call, CUstream handle, std::function<void()> work) {
  if (CUresult r = requireStream(call, handle)) return r;
  CUstream stream = resolve(handle);
  if (stream->capture != nullptr) {
    Capture& capture = *stream->capture;
    if (capture.spoiled) {
      return fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, format("%s: the recording was spoiled", call));
    }
    capture.joined.erase(stream);
    capture.nodes.push_back({call, std::move(work)});
    return CUDA_SUCCESS;
  }
  CUcontext context = stream->context;
  if (stream == context->legacy) {
    for (const auto& capture : captures()) {
      if (!(capture->origin->flags & CU_STREAM_NON_BLOCKING)) {
        capture->spoiled = true;
        return fail(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
                    format("%s: the legacy stream would wait for a stream that records a graph", call));
      }
    }
    drainBlocking(context);
  } else if (!(stream->flags & CU_STREAM_NON_BLOCKING)) {
    while (step(context->legacy)) {
    }
  }
  stream->queue.push_back({call, std::move(work)});
  return CUDA_SUCCESS;
}

}  // namespace standin

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;

STANDIN_CALL CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuStreamCreate")) return r;
  if (stream == nullptr || flags > CU_STREAM_NON_BLOCKING) {
    return fail(CUDA_ERROR_INVALID_VALUE, format("cuStreamCreate: flags %u", flags));
  }
  *stream = newStream(currentContext(), flags);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int) {
  return cuStreamCreate(stream, flags);
}

STANDIN_CALL CUresult cuStreamDestroy_v2(CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamDestroy", stream)) return r;
  if (resolve(stream) == currentContext()->legacy) {
    return fail(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy: the default stream");
  }
  if (stream->capture != nullptr) stream->capture->spoiled = true;
  // The manual lets its work run to the end: nobody can wait for this stream any more, so now.
  while (step(stream)) {
  }
  deleteStream(stream);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuStreamSynchronize(CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamSynchronize", stream)) return r;
  if (CUresult r = refuseInCapture("cuStreamSynchronize")) return r;
  CUstream resolved = resolve(stream);
  if (resolved->capture != nullptr) {
    resolved->capture->spoiled = true;
    return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamSynchronize: the stream records a graph");
  }
  return finish(resolved);
}

STANDIN_CALL CUresult cuStreamQuery(CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamQuery", stream)) return r;
  if (CUresult r = refuseInCapture("cuStreamQuery")) return r;
  CUstream resolved = resolve(stream);
  step(resolved);  // a host that polls gets on, one piece of work for each question
  return resolved->queue.empty() ? finish(resolved) : CUDA_ERROR_NOT_READY;
}

STANDIN_CALL CUresult cuStreamGetFlags(CUstream stream, unsigned* flags) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamGetFlags", stream)) return r;
  *flags = resolve(stream)->flags;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuStreamGetCtx(CUstream stream, CUcontext* context) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamGetCtx", stream)) return r;
  *context = resolve(stream)->context;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuEventCreate(CUevent* event, unsigned flags) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuEventCreate")) return r;
  *event = new CUevent_st{currentContext(), flags, nullptr};
  liveEvents().insert(*event);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuEventDestroy_v2(CUevent event) {
  Guard guard(mutex());
  if (CUresult r = requireEvent("cuEventDestroy", event)) return r;
  liveEvents().erase(event);
  delete event;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuEventRecord(CUevent event, CUstream handle) {
  Guard guard(mutex());
  if (CUresult r = requireEvent("cuEventRecord", event)) return r;
  if (CUresult r = requireStream("cuEventRecord", handle)) return r;
  CUstream stream = resolve(handle);
  auto mark = std::make_shared<Mark>();
  mark->stream = stream;
  if (stream->capture != nullptr) {
    mark->capture = stream->capture;
    event->mark = mark;
    return CUDA_SUCCESS;
  }
  if (CUresult r = enqueue("cuEventRecord", handle, [mark] {
        mark->done = true;
        mark->seconds = now();
      })) {
    return r;
  }
  event->mark = mark;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuStreamWaitEvent(CUstream handle, CUevent event, unsigned) {
  Guard guard(mutex());
  if (CUresult r = requireEvent("cuStreamWaitEvent", event)) return r;
  if (CUresult r = requireStream("cuStreamWaitEvent", handle)) return r;
  CUstream stream = resolve(handle);
  std::shared_ptr<Mark> mark = event->mark;
  if (mark == nullptr) return CUDA_SUCCESS;  // an event without a record holds nobody up
  if (mark->capture != nullptr) {
    if (!captures().count(mark->capture)) return capturedEvent("cuStreamWaitEvent");
    if (stream->capture != nullptr && stream->capture != mark->capture) {
      return fail(CUDA_ERROR_STREAM_CAPTURE_MERGE, "cuStreamWaitEvent: two recordings would become one");
    }
    stream->capture = mark->capture;
    stream->capture->streams.insert(stream);
    stream->capture->joined.insert(mark->stream);
    return CUDA_SUCCESS;
  }
  if (stream->capture != nullptr) {
    stream->capture->spoiled = true;
    return fail(CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
                "cuStreamWaitEvent: the graph would wait for work outside of it");
  }
  return enqueue("cuStreamWaitEvent", handle, [mark] {
    while (!mark->done && liveStreams().count(mark->stream) && step(mark->stream)) {
    }
  });
}

STANDIN_CALL CUresult cuEventQuery(CUevent event) {
  Guard guard(mutex());
  if (CUresult r = requireEvent("cuEventQuery", event)) return r;
  if (CUresult r = refuseInCapture("cuEventQuery")) return r;
  Mark* mark = event->mark.get();
  if (mark == nullptr || mark->done) return CUDA_SUCCESS;
  if (mark->capture != nullptr) return capturedEvent("cuEventQuery");
  step(mark->stream);
  return mark->done ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

STANDIN_CALL CUresult cuEventSynchronize(CUevent event) {
  Guard guard(mutex());
  if (CUresult r = requireEvent("cuEventSynchronize", event)) return r;
  if (CUresult r = refuseInCapture("cuEventSynchronize")) return r;
  Mark* mark = event->mark.get();
  if (mark == nullptr) return CUDA_SUCCESS;
  if (mark->capture != nullptr) return capturedEvent("cuEventSynchronize");
  while (!mark->done && step(mark->stream)) {
  }
  lookAfterKernels(event->context);
  return takePending(event->context);
}

STANDIN_CALL CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  Guard guard(mutex());
  if (CUresult r = requireEvent("cuEventElapsedTime", start)) return r;
  if (CUresult r = requireEvent("cuEventElapsedTime", end)) return r;
  if ((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) {
    return fail(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: the event was made without timing");
  }
  if (start->mark == nullptr || end->mark == nullptr) {
    return fail(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: the event was never recorded");
  }
  if (!start->mark->done || !end->mark->done) return CUDA_ERROR_NOT_READY;
  *milliseconds = static_cast<float>((end->mark->seconds - start->mark->seconds) * 1e3);
  return CUDA_SUCCESS;
}
