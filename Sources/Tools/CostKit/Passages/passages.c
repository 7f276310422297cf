/* CostKit/Passages/passages.c: a TCG plugin that counts the instructions of each passage through
 * the kernel. It never touches the guest. CostKit compiles it with the host's `cc`.
 *
 * A passage begins when the first instruction of an exception handler is about to be executed, and
 * ends with the instruction at EXIT, which is in it. A reset leaves a passage without an end.
 *
 * Arguments: out=FILE, entry=ADDRESS (repeated, one for each handler), exit=ADDRESS.
 * Output: a line a passage, `HANDLER BEGIN END`: the handler's place among the arguments, and the
 * number of instructions executed before the first and with the last of the passage.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

enum { ENTRIES_MAX = 16 };

static uint64_t entries[ENTRIES_MAX], exit_address;
static size_t entry_count;
static FILE *out;
/* The instructions before the present one; the increment is inlined behind the callbacks of an
 * instruction or before them, in all places alike: a difference does not depend on which. */
static uint64_t executed;
static bool is_open;
static size_t handler;
static uint64_t begin;

static void on_entry(unsigned int cpu, void *data)
{
    (void)cpu;
    is_open = true;
    handler = (size_t)((uint64_t *)data - entries);
    begin = executed;
}

static void on_exit_reached(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    if (is_open) {
        fprintf(out, "%zu %" PRIu64 " %" PRIu64 "\n", handler, begin, executed + 1);
    }
    is_open = false;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(tb);
    for (size_t n = 0; n < count; n++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, n);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        for (size_t i = 0; i < entry_count; i++) {
            if (address == entries[i]) {
                qemu_plugin_register_vcpu_insn_exec_cb(
                    insn, on_entry, CALLBACK_READS_NO_REGISTERS, &entries[i]);
            }
        }
        if (address == exit_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_exit_reached, CALLBACK_READS_NO_REGISTERS, NULL);
        }
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD, &executed, 1);
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(
    qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            out = fopen(argv[i] + 4, "w");
        } else if (strncmp(argv[i], "entry=", 6) == 0 && entry_count < ENTRIES_MAX) {
            entries[entry_count++] = strtoull(argv[i] + 6, NULL, 0);
        } else if (strncmp(argv[i], "exit=", 5) == 0) {
            exit_address = strtoull(argv[i] + 5, NULL, 0);
        } else {
            fprintf(stderr, "passages: cannot use the argument '%s'\n", argv[i]);
            return -1;
        }
    }
    if (out == NULL || entry_count == 0 || exit_address == 0) {
        fprintf(stderr, "passages: needs out=FILE, entry=ADDRESS and exit=ADDRESS\n");
        return -1;
    }
    /* QEMU may be killed at any time: what is known is written at once. */
    setvbuf(out, NULL, _IOLBF, 0);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
