// How the programs take memory: from jemalloc, whose settings stand here. They
// are read before main (jemalloc(3), TUNING); MALLOC_CONF in the environment
// comes after them.
//
// Users, columns and filters are hundreds of megabytes that are read all over.
// On huge pages they are loaded in two thirds of the time (a page fault each 2
// MB, not each 4 kB) and scanned faster. The daemon's threads are about as many
// as the cores, so an arena a core is enough. Blocks of an import and bodies of
// requests come and go by the second: they are kept, by each thread up to 256
// kB, by the process for a minute.
#include <jemalloc/jemalloc.h>

// NOLINTNEXTLINE: the library asks for this name.
const char* malloc_conf =
    "thp:always,narenas_ratio:1,tcache_max:262144,dirty_decay_ms:60000";
