// Runs a kernel's blocks, one after the other. The threads of a block run in a plain loop until one
// of them waits for others; it keeps its fiber then, and a new fiber goes on with the loop. A kernel
// without barriers and shuffles so costs one switch for each block.
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstring>
#include <deque>

#include "kernel.h"
#include "memory.h"

// Saves the callee's registers and the stack pointer, and goes on where `to` was left.
extern "C" void standinSwitch(void** from, void* to);
asm(R"(
.text
.type standinSwitch,@function
standinSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size standinSwitch,.-standinSwitch
)");

namespace standin {
namespace {

constexpr std::size_t STACK = 256 * 1024;
constexpr std::size_t GUARD = 4096;
constexpr unsigned char POISON = 0xff;
constexpr unsigned char CANARY = 0xfd;
constexpr unsigned CANARY_BYTES = 1024;
constexpr unsigned LANES = 32;
constexpr unsigned WARPS = MAX_THREADS_PER_BLOCK / LANES;

struct Fiber {
  void* stack;  // where it was left
  char* memory;
};

/** A thread that waits. */
struct Waiting {
  Fiber* fiber;
  Triple id;
  int line;
  bool atBarrier;
  unsigned long long result;
};

/** Lanes that have come to one meeting of their warp. */
struct Meeting {
  int kind;
  unsigned mask;
  int line;
  unsigned arrived;
  unsigned long long values[LANES];
  int sources[LANES];
};

const Launch* launch;
Triple blockIndex;
unsigned count;  // threads of a block
Waiting threads[MAX_THREADS_PER_BLOCK];
std::deque<unsigned> ready;
std::vector<unsigned> barrier;  // threads that wait at it
std::vector<Meeting> meetings[WARPS];
std::vector<Fiber*> spare;
std::vector<Fiber*> all;
Fiber* running;
void* mainStack;
bool blockDone;

sigjmp_buf escape;
Fault escaped;
volatile pid_t executing = 0;
int signalNumber;
CUdeviceptr signalAddress;
bool signalWrite;
struct sigaction previous[65];

std::string place(const Triple& thread) {
  return format("kernel '%s', block (%u, %u, %u), thread (%u, %u, %u)", launch->kernel->name,
                blockIndex.x, blockIndex.y, blockIndex.z, thread.x, thread.y, thread.z);
}

/** Leaves the kernel, from whichever fiber. */
[[noreturn]] void stop(CUresult code, const std::string& text) {
  escaped = {code, text};
  siglongjmp(escape, 1);
}

unsigned linear(const Triple& id) {
  return id.x + launch->block.x * (id.y + launch->block.y * id.z);
}

[[noreturn]] void fiberMain();

Fiber* take() {
  if (spare.empty()) {
    void* memory = mmap(nullptr, GUARD + STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) stop(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "no memory for threads");
    mprotect(memory, GUARD, PROT_NONE);
    spare.push_back(new Fiber{nullptr, static_cast<char*>(memory)});
    all.push_back(spare.back());
  }
  Fiber* fiber = spare.back();
  spare.pop_back();
  // Six registers, the address to return to, and one word that aligns the stack as a call does.
  void** top = reinterpret_cast<void**>(fiber->memory + GUARD + STACK) - 8;
  std::memset(top, 0, 8 * sizeof(void*));
  top[6] = reinterpret_cast<void*>(&fiberMain);
  fiber->stack = top;
  return fiber;
}

void switchTo(Fiber* fiber, void** from) {
  running = fiber;
  standinSwitch(from, fiber->stack);
}

[[noreturn]] void deadlock() {
  unsigned atBarrier = barrier.size(), inWarp = 0;
  int barrierLine = barrier.empty() ? 0 : threads[barrier[0]].line, warpLine = 0;
  for (const auto& warp : meetings) {
    for (const Meeting& m : warp) {
      inWarp += __builtin_popcount(m.arrived);
      warpLine = m.line;
    }
  }
  Triple first = barrier.empty() ? Triple{0, 0, 0} : threads[barrier[0]].id;
  stop(CUDA_ERROR_LAUNCH_FAILED,
       format("%s: the block's threads part: %u of %u wait at __syncthreads (line %d), %u for their "
              "warp (line %d), %u have left the kernel",
              place(first).c_str(), atBarrier, count, barrierLine, inWarp, warpLine,
              *launch->file->left));
}

/** Lets somebody else run: a thread that may go on, or one that has not begun. */
void yieldFrom(void** from) {
  if (!ready.empty()) {
    unsigned thread = ready.front();
    ready.pop_front();
    switchTo(threads[thread].fiber, from);
  } else if (*launch->file->next < count) {
    switchTo(take(), from);
  } else {
    deadlock();
  }
}

/** Keeps the running thread until somebody makes it ready. */
void suspend(unsigned thread) {
  Triple id = *launch->file->thread;
  threads[thread].id = id;
  threads[thread].fiber = running;
  ++*launch->file->waiting;
  yieldFrom(&running->stack);
  *launch->file->thread = id;
}

void makeReady(unsigned thread) {
  --*launch->file->waiting;
  ready.push_back(thread);
}

void meetBarrier(int line) {
  unsigned me = linear(*launch->file->thread);
  threads[me].line = line;
  if (barrier.size() + 1 < count) {
    barrier.push_back(me);
    suspend(me);
    return;
  }
  for (unsigned other : barrier) {
    if (threads[other].line != line) {
      stop(CUDA_ERROR_LAUNCH_FAILED,
           format("%s: waits at __syncthreads in line %d, others in line %d",
                  place(*launch->file->thread).c_str(), line, threads[other].line));
    }
    makeReady(other);
  }
  barrier.clear();
}

unsigned expected(unsigned warp, unsigned mask) {
  unsigned lanes = count - warp * LANES;
  unsigned existing = lanes >= LANES ? 0xffffffffu : (1u << lanes) - 1;
  return mask & existing & ~launch->file->exited[warp];
}

unsigned long long resultOf(const Meeting& m, unsigned lane) {
  if (m.kind == MEET_BALLOT) {
    unsigned long long ballot = 0;
    for (unsigned i = 0; i < LANES; i++) {
      if (m.arrived >> i & 1 && m.values[i]) ballot |= 1ull << i;
    }
    return ballot;
  }
  int source = m.sources[lane];
  // A lane that takes no part gives nothing that a kernel may use: a NaN.
  return m.arrived >> source & 1 ? m.values[source] : ~0ull;
}

/** Ends a meeting; the lane that came last goes on at once. */
void conclude(unsigned warp, std::size_t index, int last) {
  Meeting m = meetings[warp][index];
  meetings[warp].erase(meetings[warp].begin() + index);
  for (unsigned lane = 0; lane < LANES; lane++) {
    if (!(m.arrived >> lane & 1)) continue;
    unsigned thread = warp * LANES + lane;
    threads[thread].result = resultOf(m, lane);
    if (static_cast<int>(lane) != last) makeReady(thread);
  }
}

unsigned long long meetWarp(int kind, unsigned mask, unsigned long long value, int source, int line) {
  unsigned me = linear(*launch->file->thread), warp = me / LANES, lane = me % LANES;
  if (!(mask >> lane & 1)) {
    stop(CUDA_ERROR_LAUNCH_FAILED, format("%s: line %d: lane %u is not in its own mask %#x",
                                          place(*launch->file->thread).c_str(), line, lane, mask));
  }
  auto& group = meetings[warp];
  std::size_t i = 0;
  while (i < group.size() && !(group[i].mask == mask && group[i].line == line && group[i].kind == kind)) i++;
  if (i == group.size()) group.push_back({kind, mask, line, 0, {}, {}});
  group[i].arrived |= 1u << lane;
  group[i].values[lane] = value;
  group[i].sources[lane] = source & 31;
  if (group[i].arrived == expected(warp, mask)) {
    conclude(warp, i, lane);
  } else {
    suspend(me);
  }
  return threads[me].result;
}

/** A thread returned while others wait: lanes may have waited for it alone. */
void threadLeft() {
  unsigned warp = linear(*launch->file->thread) / LANES;
  for (std::size_t i = 0; i < meetings[warp].size();) {
    if (meetings[warp][i].arrived == expected(warp, meetings[warp][i].mask)) {
      conclude(warp, i, -1);
    } else {
      i++;
    }
  }
}

void trap(int line) {
  stop(CUDA_ERROR_LAUNCH_FAILED, format("%s: __trap in line %d", place(*launch->file->thread).c_str(), line));
}

void fiberMain() {
  launch->kernel->threads(launch->arguments);
  void* nowhere;
  spare.push_back(running);  // nothing of this fiber is needed once it has switched
  if (*launch->file->left == count) {
    blockDone = true;
    standinSwitch(&nowhere, mainStack);
  }
  yieldFrom(&nowhere);
  __builtin_unreachable();
}

void onSignal(int number, siginfo_t* info, void* context) {
  if (executing == static_cast<pid_t>(syscall(SYS_gettid))) {
    signalNumber = number;
    signalAddress = reinterpret_cast<CUdeviceptr>(info->si_addr);
    signalWrite = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_ERR] & 2;
    siglongjmp(escape, 2);
  }
  const struct sigaction& old = previous[number];
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(number, info, context);
  } else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) {
    old.sa_handler(number);
  } else {
    sigaction(number, &old, nullptr);  // the instruction faults again, now without us
  }
}

void catchSignals() {
  static bool caught = false;
  if (caught) return;
  caught = true;
  struct sigaction action = {};
  action.sa_sigaction = onSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(number, &action, &previous[number]);
}

Fault signalFault() {
  std::string where = place(*launch->file->thread);
  if (signalNumber == SIGFPE) {
    return {CUDA_ERROR_LAUNCH_FAILED, where + ": a whole number was divided by zero"};
  }
  if (signalNumber == SIGILL) {
    return {CUDA_ERROR_MISALIGNED_ADDRESS, where + ": a misaligned address, or an index outside of an array"};
  }
  return {CUDA_ERROR_ILLEGAL_ADDRESS, where + (signalWrite ? ": writes " : ": reads ") +
                                          describeAddress(signalAddress)};
}

void checkArguments() {
  for (unsigned i = 0; i < launch->kernel->count; i++) {
    unsigned alignment = launch->kernel->arguments[i].pointeeAlignment;
    if (alignment == 0) continue;
    CUdeviceptr address = *static_cast<const CUdeviceptr*>(launch->arguments[i]);
    if (address == 0) continue;  // an optional operand
    std::string where = format("kernel '%s', argument %u", launch->kernel->name, i);
    std::string text = violation(where.c_str(), address, 0);
    if (!text.empty()) throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS, text};
    if (address % alignment != 0) {
      throw Fault{CUDA_ERROR_MISALIGNED_ADDRESS,
                  format("%s: %#llx is no multiple of %u", where.c_str(), address, alignment)};
    }
  }
}

void runBlock() {
  const KernelFile& file = *launch->file;
  *file.block = blockIndex;
  *file.next = *file.left = *file.waiting = 0;
  std::memset(file.exited, 0, WARPS * sizeof(unsigned));
  std::memset(file.sharedFrom, POISON, file.sharedTo - file.sharedFrom);
  std::memset(file.dynamic, POISON, launch->dynamicBytes);
  blockDone = false;
  switchTo(take(), &mainStack);
}

void forget() {
  ready.clear();
  barrier.clear();
  for (auto& warp : meetings) warp.clear();
  spare = all;
}

}  // namespace

void runKernel(const Launch& what) {
  launch = &what;
  const KernelFile& file = *what.file;
  checkArguments();
  catchSignals();
  *file.calls = {meetBarrier, meetWarp, threadLeft, trap};
  *file.blockSize = what.block;
  *file.gridSize = what.grid;
  *file.order = what.backwards;
  count = what.block.x * what.block.y * what.block.z;
  unsigned guarded = std::min(CANARY_BYTES, SHARED_PER_BLOCK_OPTIN - what.dynamicBytes);
  char* guard = file.dynamic + what.dynamicBytes;
  std::memset(guard, CANARY, guarded);
  int jumped = sigsetjmp(escape, 1);
  if (jumped == 0) {
    executing = static_cast<pid_t>(syscall(SYS_gettid));
    unsigned long long blocks = 1ull * what.grid.x * what.grid.y * what.grid.z;
    for (unsigned long long i = 0; i < blocks; i++) {
      unsigned long long b = what.backwards ? blocks - 1 - i : i;
      blockIndex = {static_cast<unsigned>(b % what.grid.x),
                    static_cast<unsigned>(b / what.grid.x % what.grid.y),
                    static_cast<unsigned>(b / (1ull * what.grid.x * what.grid.y))};
      runBlock();
    }
  }
  executing = 0;
  if (jumped != 0) {
    forget();
    throw jumped == 2 ? signalFault() : escaped;
  }
  for (unsigned i = 0; i < guarded; i++) {
    if (static_cast<unsigned char>(guard[i]) != CANARY) {
      throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS,
                  format("kernel '%s' wrote behind its %u bytes of dynamic shared memory",
                         what.kernel->name, what.dynamicBytes)};
    }
  }
}

}  // namespace standin
