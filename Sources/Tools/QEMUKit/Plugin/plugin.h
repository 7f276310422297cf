/* QEMUKit/Plugin/plugin.h: the declarations of QEMU's plugin API, version 1, that our plugins use.
 * No distribution's QEMU brings its own header along; QEMU refuses a plugin of a version it lacks. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum {
    CALLBACK_READS_NO_REGISTERS = 0,
    INLINE_ADD = 0,
    MEMORY_READ = 1,
    MEMORY_WRITE = 2,
    MEMORY_READ_AND_WRITE = 3
};
typedef void (*tb_callback)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*instruction_callback)(unsigned int, void *);
typedef void (*memory_callback)(unsigned int, uint32_t, uint64_t, void *);
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, tb_callback);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn *, instruction_callback, int, void *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(
    struct qemu_plugin_insn *, int, void *, uint64_t);
extern void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *, memory_callback, int, int, void *);
extern void qemu_plugin_register_vcpu_mem_inline(
    struct qemu_plugin_insn *, int, int, void *, uint64_t);
extern bool qemu_plugin_mem_is_store(uint32_t);
extern unsigned int qemu_plugin_mem_size_shift(uint32_t);
extern void qemu_plugin_outs(const char *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
