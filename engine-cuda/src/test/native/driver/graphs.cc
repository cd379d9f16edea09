// Recording of graphs, and their replay. A graph keeps its work in the order in which it was
// recorded, which is one of the orders that its dependencies allow.
#include <algorithm>

#include "state.h"

namespace standin {

std::set<std::shared_ptr<Capture>>& captures() {
  static std::set<std::shared_ptr<Capture>> active;
  return active;
}

bool isCapturing(CUstream handle) {
  CUstream stream = resolve(handle);
  return stream != nullptr && stream->capture != nullptr;
}

CUresult refuseInCapture(const char* call) {
  for (const auto& capture : captures()) {
    bool mine = capture->thread == std::this_thread::get_id();
    if (capture->mode == CAPTURE_GLOBAL || (capture->mode == CAPTURE_THREAD_LOCAL && mine)) {
      capture->spoiled = true;
      return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                  format("%s is not allowed while a graph is recorded", call));
    }
  }
  return CUDA_SUCCESS;
}

}  // namespace standin

namespace {

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;

std::set<CUgraph> graphs;
std::set<CUgraphExec> executables;

CUresult requireGraph(const char* call, CUgraph graph) {
  if (CUresult r = requireContext(call)) return r;
  return graphs.count(graph) ? CUDA_SUCCESS
                             : fail(CUDA_ERROR_INVALID_VALUE,
                                    format("%s: the graph was destroyed or never made", call));
}

CUresult requireExecutable(const char* call, CUgraphExec executable) {
  if (CUresult r = requireContext(call)) return r;
  return executables.count(executable)
             ? CUDA_SUCCESS
             : fail(CUDA_ERROR_INVALID_VALUE,
                    format("%s: the executable graph was destroyed or never made", call));
}

}  // namespace

STANDIN_CALL CUresult cuStreamBeginCapture_v2(CUstream stream, int mode) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamBeginCapture", stream)) return r;
  CUstream origin = resolve(stream);
  if (origin == origin->context->legacy) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamBeginCapture: the legacy stream");
  }
  if (origin->capture != nullptr || mode < CAPTURE_GLOBAL || mode > CAPTURE_RELAXED) {
    return fail(CUDA_ERROR_ILLEGAL_STATE, "cuStreamBeginCapture: the stream records already");
  }
  auto capture = std::make_shared<Capture>();
  capture->origin = origin;
  capture->mode = static_cast<CaptureMode>(mode);
  capture->thread = std::this_thread::get_id();
  capture->streams.insert(origin);
  origin->capture = capture;
  captures().insert(capture);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamEndCapture", stream)) return r;
  CUstream origin = resolve(stream);
  std::shared_ptr<Capture> capture = origin->capture;
  if (capture == nullptr) {
    return fail(CUDA_ERROR_ILLEGAL_STATE, "cuStreamEndCapture: the stream does not record");
  }
  if (capture->origin != origin) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
                "cuStreamEndCapture: the recording began on another stream");
  }
  if (capture->mode != CAPTURE_RELAXED && capture->thread != std::this_thread::get_id()) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD,
                "cuStreamEndCapture: another thread began the recording");
  }
  bool unjoined = false;
  for (CUstream member : capture->streams) {
    if (!liveStreams().count(member)) continue;
    unjoined |= member != origin && !capture->joined.count(member);
    member->capture = nullptr;
  }
  captures().erase(capture);
  *graph = nullptr;
  if (capture->spoiled) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
                "cuStreamEndCapture: a call that is not allowed spoiled the recording");
  }
  if (unjoined) {
    return fail(CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
                "cuStreamEndCapture: a stream that took part was not joined");
  }
  *graph = new CUgraph_st{std::move(capture->nodes)};
  graphs.insert(*graph);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuStreamIsCapturing(CUstream stream, int* status) {
  Guard guard(mutex());
  if (CUresult r = requireStream("cuStreamIsCapturing", stream)) return r;
  const auto& capture = resolve(stream)->capture;
  *status = capture == nullptr   ? CAPTURE_NONE
            : capture->spoiled ? CAPTURE_INVALIDATED
                               : CAPTURE_ACTIVE;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, std::size_t* count) {
  Guard guard(mutex());
  if (CUresult r = requireGraph("cuGraphGetNodes", graph)) return r;
  std::size_t all = graph->nodes.size();
  if (nodes != nullptr) {
    for (std::size_t i = 0; i < *count; i++) {
      nodes[i] = i < all ? reinterpret_cast<CUgraphNode>(&graph->nodes[i]) : nullptr;
    }
    all = std::min(all, *count);
  }
  *count = all;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph graph,
                                                  unsigned long long) {
  Guard guard(mutex());
  if (CUresult r = requireGraph("cuGraphInstantiate", graph)) return r;
  *executable = new CUgraphExec_st{std::make_shared<std::vector<Operation>>(graph->nodes)};
  executables.insert(*executable);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuGraphUpload(CUgraphExec executable, CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireExecutable("cuGraphUpload", executable)) return r;
  return requireStream("cuGraphUpload", stream);
}

STANDIN_CALL CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
  Guard guard(mutex());
  if (CUresult r = requireExecutable("cuGraphLaunch", executable)) return r;
  auto nodes = executable->nodes;
  return enqueue("cuGraphLaunch", stream, [nodes] {
    for (const Operation& node : *nodes) {
      try {
        node.run();
      } catch (const Fault& fault) {
        throw Fault{fault.code, node.call + ": " + fault.text};
      }
    }
  });
}

STANDIN_CALL CUresult cuGraphExecDestroy(CUgraphExec executable) {
  Guard guard(mutex());
  if (CUresult r = requireExecutable("cuGraphExecDestroy", executable)) return r;
  executables.erase(executable);
  delete executable;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuGraphDestroy(CUgraph graph) {
  Guard guard(mutex());
  if (CUresult r = requireGraph("cuGraphDestroy", graph)) return r;
  graphs.erase(graph);
  delete graph;
  return CUDA_SUCCESS;
}
