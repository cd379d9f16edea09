// What a compiled kernel file tells the driver, and what the driver lends to its kernels. The file
// nvrtc/prelude.h, which every kernel is compiled against, declares the same with its own words.
#pragma once

#include <cstddef>

#include "interface.h"

namespace standin {

struct Triple {
  unsigned x, y, z;
};

/** How lanes of a warp meet. */
enum MeetKind { MEET_SYNC = 0, MEET_READ = 1, MEET_BALLOT = 2 };

/** Calls of a running thread that may let other threads run before they return. */
struct ThreadCalls {
  void (*barrier)(int line);
  unsigned long long (*meet)(int kind, unsigned mask, unsigned long long value, int source, int line);
  void (*left)();
  void (*trap)(int line);
};

struct Argument {
  unsigned bytes;
  unsigned pointeeAlignment;  // 0 if the argument is no pointer
};

struct KernelEntry {
  const char* name;
  unsigned count;
  const Argument* arguments;
  /** Runs threads of the present block until none is left to begin. */
  void (*threads)(void* const* arguments);
};

/** One compiled file. */
struct KernelFile {
  int interface;
  unsigned count;
  const KernelEntry* const* kernels;
  Triple* thread;
  Triple* block;
  Triple* blockSize;
  Triple* gridSize;
  unsigned* next;   // the thread that begins next, counted from 0
  unsigned* order;  // 0: threads begin at the first, 1: at the last
  unsigned* left;   // threads that returned
  unsigned* exited;  // lanes that returned, one word for each warp
  unsigned* waiting;  // threads that wait for others
  ThreadCalls* calls;
  char* sharedFrom;  // __shared__ variables of the whole file
  char* sharedTo;
  char* dynamic;     // the dynamic array, SHARED_PER_BLOCK_OPTIN bytes
};

/** A launch, as a stream keeps it. */
struct Launch {
  const KernelFile* file;
  const KernelEntry* kernel;
  Triple grid;
  Triple block;
  unsigned dynamicBytes;
  bool backwards;  // blocks and threads begin at the last
  void* const* arguments;
};

/** Runs all blocks. Throws a Fault at the first error. */
void runKernel(const Launch& launch);

}  // namespace standin
