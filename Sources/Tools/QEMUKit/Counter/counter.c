/* QEMUKit/Counter/counter.c: a TCG plugin that counts instructions exactly between two addresses.
 * It never touches the guest. QEMUKit compiles it with the host's `cc` when it is needed.
 *
 * An interval is NAME:START:STOP:SAMPLES[:LOW:HIGH]. A sample begins when START is about to be
 * executed and ends when STOP is: START is in it, STOP is not. A START before the STOP begins the
 * sample anew, START may equal STOP, and where LOW:HIGH is given a START counts only if the
 * instruction before it lay in that range (an interrupt that met the idle task, say). Each sample
 * also has the loads and stores and the executions of the watched addresses within it (exception
 * entries, say). When every interval has its SAMPLES the plugin writes them and ends QEMU.
 *
 * Arguments: out=FILE, interval=..., watch=ADDRESS; the last two may be repeated.
 * Output: one line a sample, `NAME INSTRUCTIONS ACCESSES WATCHED`, then the line `complete`.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

enum { INTERVALS_MAX = 16, WATCHED_MAX = 256, SAMPLES_MAX = 1000000 };

struct sample {
    uint64_t instructions, accesses, watched;
};

struct interval {
    char name[64];
    uint64_t start, stop, wanted, gate_low, gate_high;
    bool gated, open;
    /* The number of the last instruction inside the gate; ~0 before the first. */
    uint64_t gate_at;
    struct sample begin;
    struct sample *samples;
    uint64_t count;
};

static struct interval intervals[INTERVALS_MAX];
static size_t interval_count;
static uint64_t watched_addresses[WATCHED_MAX];
static size_t watched_count;
static char out_path[4096];
/* Totals since reset. The plain instruction count is kept by code that QEMU inlines. */
static struct sample now;

static void finish_if_complete(void)
{
    for (size_t i = 0; i < interval_count; i++) {
        if (intervals[i].count < intervals[i].wanted) {
            return;
        }
    }
    FILE *out = fopen(out_path, "w");
    if (out == NULL) {
        perror(out_path);
        _exit(2);
    }
    for (size_t i = 0; i < interval_count; i++) {
        for (uint64_t n = 0; n < intervals[i].count; n++) {
            const struct sample *s = &intervals[i].samples[n];
            fprintf(out, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", intervals[i].name,
                    s->instructions, s->accesses, s->watched);
        }
    }
    fputs("complete\n", out);
    fclose(out);
    _exit(0);
}

static void on_watched(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    now.watched++;
}

static void on_gate(unsigned int cpu, void *data)
{
    (void)cpu;
    ((struct interval *)data)->gate_at = now.instructions;
}

static void on_stop(unsigned int cpu, void *data)
{
    (void)cpu;
    struct interval *it = data;
    if (!it->open) {
        return;
    }
    it->open = false;
    if (it->count < it->wanted) {
        struct sample *s = &it->samples[it->count++];
        s->instructions = now.instructions - it->begin.instructions;
        s->accesses = now.accesses - it->begin.accesses;
        s->watched = now.watched - it->begin.watched;
        finish_if_complete();
    }
}

static void on_start(unsigned int cpu, void *data)
{
    (void)cpu;
    struct interval *it = data;
    if (it->gated && it->gate_at + 1 != now.instructions) {
        /* Another way into START: whatever runs now is not what was asked for. */
        it->open = false;
        return;
    }
    it->open = true;
    it->begin = now;
}

/* The callbacks run in the order in which they are registered, so a watched START belongs to the
 * sample that it begins, and a STOP that is also a START ends one sample before it begins the next.
 * Inlined code runs after all of them or before all of them: differences do not depend on which. */
static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(tb);
    for (size_t n = 0; n < count; n++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, n);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        for (size_t i = 0; i < interval_count; i++) {
            struct interval *it = &intervals[i];
            if (address == it->stop) {
                qemu_plugin_register_vcpu_insn_exec_cb(
                    insn, on_stop, CALLBACK_READS_NO_REGISTERS, it);
            }
            if (address == it->start) {
                qemu_plugin_register_vcpu_insn_exec_cb(
                    insn, on_start, CALLBACK_READS_NO_REGISTERS, it);
            }
            if (it->gated && address >= it->gate_low && address < it->gate_high) {
                qemu_plugin_register_vcpu_insn_exec_cb(
                    insn, on_gate, CALLBACK_READS_NO_REGISTERS, it);
            }
        }
        for (size_t i = 0; i < watched_count; i++) {
            if (address == watched_addresses[i]) {
                qemu_plugin_register_vcpu_insn_exec_cb(
                    insn, on_watched, CALLBACK_READS_NO_REGISTERS, NULL);
            }
        }
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD, &now.instructions, 1);
        qemu_plugin_register_vcpu_mem_inline(
            insn, MEMORY_READ_AND_WRITE, INLINE_ADD, &now.accesses, 1);
    }
}

static int parse_interval(const char *text)
{
    if (interval_count == INTERVALS_MAX) {
        return -1;
    }
    struct interval *it = &intervals[interval_count++];
    int fields = sscanf(text, "%63[^:]:%" SCNi64 ":%" SCNi64 ":%" SCNi64 ":%" SCNi64 ":%" SCNi64,
                        it->name, (int64_t *)&it->start, (int64_t *)&it->stop,
                        (int64_t *)&it->wanted, (int64_t *)&it->gate_low,
                        (int64_t *)&it->gate_high);
    if ((fields != 4 && fields != 6) || it->wanted == 0 || it->wanted > SAMPLES_MAX) {
        return -1;
    }
    it->gated = fields == 6;
    it->gate_at = ~UINT64_C(0) - 1;
    it->samples = calloc(it->wanted, sizeof *it->samples);
    return it->samples == NULL ? -1 : 0;
}

__attribute__((visibility("default"))) int qemu_plugin_install(
    qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        int status = 0;
        if (strncmp(argv[i], "out=", 4) == 0) {
            snprintf(out_path, sizeof out_path, "%s", argv[i] + 4);
        } else if (strncmp(argv[i], "interval=", 9) == 0) {
            status = parse_interval(argv[i] + 9);
        } else if (strncmp(argv[i], "watch=", 6) == 0 && watched_count < WATCHED_MAX) {
            watched_addresses[watched_count++] = strtoull(argv[i] + 6, NULL, 0);
        } else {
            status = -1;
        }
        if (status != 0) {
            fprintf(stderr, "counter: cannot use the argument '%s'\n", argv[i]);
            return -1;
        }
    }
    if (out_path[0] == 0 || interval_count == 0) {
        fprintf(stderr, "counter: needs out=FILE and at least one interval=\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
