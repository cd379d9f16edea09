// Device memory, and host memory that the device knows.
#pragma once

#include "standin.h"

namespace standin {

/** Device memory of a context. Throws nothing; a failure is a result with its reason. */
CUresult allocateDevice(CUcontext context, CUdeviceptr* address, std::size_t bytes);
CUresult freeDevice(CUdeviceptr address);

/** The allocation that an address lies in: false if none. */
bool findDevice(CUdeviceptr address, CUdeviceptr* base, std::size_t* bytes);

/** Gives back all that a context holds. */
void freeAllOf(CUcontext context);

/** Looks for writes beside allocations, which kernels can make. Throws a Fault if there was one. */
void checkCanaries();

/** Memory of the device that the stand-in plays, in bytes. */
std::size_t totalMemory();
std::size_t usedMemory();

/** Whether the address lies in the range that all device memory is taken from. */
bool inDeviceRange(CUdeviceptr address);

/** A text that tells where an address lies: for faults of kernels. */
std::string describeAddress(CUdeviceptr address);

/** Whether all of a range of host memory is pinned. */
bool isPinned(const void* address, std::size_t bytes);

}  // namespace standin
