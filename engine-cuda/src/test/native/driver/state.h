// What the driver knows besides memory: contexts, streams, events, recordings.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "memory.h"

namespace standin {

/** Work as a stream keeps it. The name is the call's. */
struct Operation {
  std::string call;
  std::function<void()> run;
};

struct Capture;

}  // namespace standin

struct CUstream_st {
  CUcontext context;
  unsigned flags;
  std::deque<standin::Operation> queue;
  std::shared_ptr<standin::Capture> capture;
};

struct CUctx_st {
  bool primary;
  unsigned retained;
  CUstream legacy;
  std::set<CUstream> streams;  // with those destroyed while they still had work
  CUresult pending = CUDA_SUCCESS;  // an error of work that ran, not told yet
};

struct CUgraph_st {
  std::vector<standin::Operation> nodes;
};

struct CUgraphExec_st {
  std::shared_ptr<std::vector<standin::Operation>> nodes;
};

namespace standin {

/** A recording: the streams that take part, and what they were given, in order. */
struct Capture {
  CUstream origin;
  CaptureMode mode;
  std::thread::id thread;
  std::set<CUstream> streams;
  std::set<CUstream> joined;  // forked streams whose last work the origin waits for
  std::vector<Operation> nodes;
  bool spoiled = false;
};

/** One recording of an event. */
struct Mark {
  CUstream stream;
  std::shared_ptr<Capture> capture;
  bool done = false;
  double seconds = 0;
};

}  // namespace standin

struct CUevent_st {
  CUcontext context;
  unsigned flags;
  std::shared_ptr<standin::Mark> mark;
};

namespace standin {

/** Handles that are alive; others were destroyed or never made. */
std::set<CUstream>& liveStreams();
std::set<CUcontext>& liveContexts();

/** The stream of a handle in the current context, the legacy stream for 0; null if there is none. */
CUstream resolve(CUstream handle);

/** Runs the oldest work of a stream: false if it has none. */
bool step(CUstream stream);

/** Runs all of a stream's work, or that of a whole context, and checks memory. */
CUresult finish(CUstream stream);
CUresult finish(CUcontext context);

/** Tells an error that work left behind, once. */
CUresult takePending(CUcontext context);

/** Runs what must come before work on the legacy stream. */
void drainBlocking(CUcontext context);

CUstream newStream(CUcontext context, unsigned flags);
void deleteStream(CUstream stream);

/** Recordings that are under way. */
std::set<std::shared_ptr<Capture>>& captures();

/** Sets the flag that some kernel ran since allocations were last looked at. */
void markKernel();

}  // namespace standin
