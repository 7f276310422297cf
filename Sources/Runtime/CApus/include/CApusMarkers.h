// CApus/CApusMarkers.h: places in the bench image that a counter outside of it finds by name.
// A marker is a label and no instruction: counting changes nothing of what is counted.

#ifndef CAPUS_MARKERS_H
#define CAPUS_MARKERS_H

#if defined(__arm__)
#define APUS_MARKER(name) __asm__ volatile(".global " #name "\n" #name ":" : : : "memory")
#else
#define APUS_MARKER(name) (void)0
#endif

/// The head of the client's loop: from here to here again is one round trip.
static inline __attribute__((always_inline)) void apus_marker_round(void) {
  APUS_MARKER(bench_round);
}

/// Behind the last round of a series: what follows until `bench_round` is not to be counted.
static inline __attribute__((always_inline)) void apus_marker_rounds_end(void) {
  APUS_MARKER(bench_rounds_end);
}

/// The driver's first instruction after its receive.
static inline __attribute__((always_inline)) void apus_marker_driver_awake(void) {
  APUS_MARKER(bench_driver_awake);
}

#endif
