// The number of the interface between compiled kernel files and the driver: one more whenever
// driver/kernel.h or nvrtc/prelude.h changes what they both say.
#pragma once

constexpr int KERNEL_INTERFACE = 1;
