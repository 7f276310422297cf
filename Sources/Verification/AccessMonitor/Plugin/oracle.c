/* AccessMonitor/Plugin/oracle.c: a TCG plugin that watches every store of kernel and tasks from outside.
 * It never touches the guest, and knows it only by the walls that it is told and by what executes.
 *
 * What it holds against each step (numbers are `Oracle.Finding.Rule`'s):
 *  1 kernel code stores only to the kernel's RAM and to the system control space; to a task's RAM
 *    only by the copy routine, in a call of a task that the manifest joins to it, and by the routine
 *    that builds first frames, at boot or in a call of task 0, into the top of a stack;
 *  2, 3 a task's store, and a task's load, that succeeds lies in the task's own windows;
 *  4 from a task's code, the kernel's is reached only at the handlers of exceptions, and inside of
 *    the kernel a handler begins only behind the one instruction that returns from exceptions;
 *  5 each task executes its own code, and nothing executes that belongs to nobody;
 *  6 the handler of calls begins only if the task that ran before has executed `svc`;
 *  7 a task's code is entered only behind the instruction that returns from exceptions.
 *
 * A callback comes only for an access that the machine has let through, so 2 and 3 mean that no
 * access of thread mode ever had privilege: with it, the whole address space is open.
 *
 * Arguments: walls=FILE out=FILE. The walls are lines of words, numbers in any base of C:
 *   reset A | exit A | alarm A | text LOW HIGH | ram LOW HIGH | copy LOW HIGH | frame LOW HIGH
 *   deaf LOW HIGH               where the board swallows refusals: a task's access there is no news
 *   entry A KIND                0 call, 1 fault, 2 tick, 3 interrupt, 4 start, 5 panic
 *   task INDEX LOW HIGH LOW HIGH LOW HIGH PEERS    code, RAM, first frame; PEERS is a set, bit = index
 *   window INDEX LOW HIGH       more that the task may load and store
 *   read INDEX LOW HIGH         more that the task may load and execute
 * Output: `struct record`, mapped into the file, so that it is whole whenever QEMU is killed.
 *
 * With an alarm, each kernel instruction's address is written to QEMU's log (`-d plugin`), and a 0
 * for each run of others, from the store to that address on up to the next interrupt: QEMU's own
 * trace then shows between which two the interrupt became pending.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugin.h"

enum { TASKS_MAX = 32, WINDOWS_MAX = 8, ENTRIES_MAX = 16, FINDINGS_MAX = 64 };
enum kind { CALL, FAULT, TICK, INTERRUPT, START, PANIC, KINDS, NO_ENTRY = 15 };
enum rule { KERNEL_STORE = 1, TASK_STORE, TASK_LOAD, WAY_IN, FOREIGN_CODE, PHANTOM_CALL, WAY_OUT };
/* Whose code an instruction is: nobody's, the kernel's, task n's. */
enum { NOBODY = 0, KERNEL = 1, FIRST_TASK = 2 };

struct range {
    uint32_t low, high;
};

struct task {
    bool known;
    struct range code, ram, frame;
    uint32_t peers;
    struct range windows[WINDOWS_MAX], reads[WINDOWS_MAX];
    size_t window_count, read_count;
};

struct finding {
    uint32_t rule, program_counter, address, byte_count;
    /* The task that ran last, -1 for none, and the handler that runs, NO_ENTRY for none. */
    int32_t task;
    uint32_t entry;
};

struct record {
    uint64_t magic;
    uint64_t kernel_stores, task_stores, task_loads, swallowed;
    uint64_t entries[KINDS];
    uint64_t exits, finding_count;
    struct finding findings[FINDINGS_MAX];
};

static const uint64_t MAGIC = UINT64_C(0x31454C4341524F41); /* "AORACLE1" */

static struct task tasks[TASKS_MAX];
static struct range text, ram, copy, frame, deaf;
static uint32_t reset_address, exit_address, alarm_address = 1;
static struct {
    uint32_t address;
    uint32_t second;
    enum kind kind;
} entries[ENTRIES_MAX];
static size_t entry_count;
static struct record *record;

/* What executed last, who ran last (-1 before the first task of a boot), which handler runs. */
static struct {
    uint32_t owner;
    int32_t task;
    enum kind entry;
    bool has_called, has_left, is_logging, has_begun;
} now = {NOBODY, -1, NO_ENTRY, false, false, false, false};

static bool holds(struct range range, uint32_t address)
{
    return address - range.low < range.high - range.low;
}

static void find(enum rule rule, uint32_t pc, uint32_t address, uint32_t byte_count)
{
    uint64_t number = record->finding_count++;
    if (number < FINDINGS_MAX) {
        record->findings[number] =
            (struct finding){rule, pc, address, byte_count, now.task, now.entry};
    }
}

static uint32_t owner_of(uint32_t address)
{
    for (uint32_t i = 0; i < TASKS_MAX; i++) {
        if (!tasks[i].known) {
            continue;
        }
        if (holds(tasks[i].code, address)) {
            return FIRST_TASK + i;
        }
        for (size_t n = 0; n < tasks[i].read_count; n++) {
            if (holds(tasks[i].reads[n], address)) {
                return FIRST_TASK + i;
            }
        }
    }
    return holds(text, address) ? KERNEL : NOBODY;
}

/* Each callback's data is one word: the address, and above it a few facts of the translation. */
static void *pack(uint32_t pc, uint32_t owner, uint32_t entry)
{
    return (void *)(uintptr_t)(pc | (uint64_t)owner << 32 | (uint64_t)entry << 40);
}

static void enter(uint32_t pc, enum kind kind)
{
    bool from_task = now.owner >= FIRST_TASK;
    if (kind == CALL && !now.has_called) {
        find(PHANTOM_CALL, pc, 0, 0);
    }
    /* The kernel's own traps, and the first task's start, come from inside. */
    bool inside = kind == FAULT || kind == PANIC || (kind == START && now.task < 0);
    if (!from_task && !now.has_left && !inside) {
        find(WAY_IN, pc, 0, 0);
    }
    now.has_called = false;
    now.has_left = false;
    now.entry = kind;
    if (kind == INTERRUPT) {
        now.is_logging = false;
    }
    record->entries[kind]++;
}

/* The handler whose second instruction stands at pc.
 *
 * QEMU 7.2 repeats an access to a device in a block of its own in which it calls nobody back for
 * execution. An interrupt that comes just then gets this kind of block for its first instruction,
 * so that of such an entry the second is the first to be heard of.
 */
static uint32_t entry_behind(uint32_t pc)
{
    for (size_t i = 0; i < entry_count; i++) {
        if (entries[i].second == pc) {
            return entries[i].kind;
        }
    }
    return NO_ENTRY;
}

/* An instruction that begins a block, or where the owner changes inside one, or a handler. */
static void on_step(unsigned int cpu, void *data)
{
    (void)cpu;
    uint64_t word = (uintptr_t)data;
    uint32_t pc = (uint32_t)word, owner = word >> 32 & 0xFF, entry = word >> 40 & 0xFF;
    if (pc == reset_address) {
        if (now.owner >= FIRST_TASK) {
            find(WAY_IN, pc, 0, 0);
        }
        now.task = -1;
        now.entry = NO_ENTRY;
        now.has_called = now.has_left = false;
        now.has_begun = true;
    } else if (owner == NOBODY) {
        /* Before the reset handler runs for the first time a boot loader may. */
        if (now.has_begun) {
            find(FOREIGN_CODE, pc, 0, 0);
        }
    } else if (owner == KERNEL) {
        if (entry == NO_ENTRY && now.owner >= FIRST_TASK) {
            entry = entry_behind(pc);
        }
        if (entry != NO_ENTRY) {
            enter(pc, entry);
        } else if (now.owner != KERNEL) {
            find(WAY_IN, pc, 0, 0);
        }
    } else {
        if (now.owner == KERNEL) {
            if (!now.has_left) {
                find(WAY_OUT, pc, 0, 0);
            }
            now.task = (int32_t)(owner - FIRST_TASK);
            now.entry = NO_ENTRY;
            now.has_called = false;
        } else if (now.owner != owner) {
            find(FOREIGN_CODE, pc, 0, 0);
        }
        now.has_left = false;
    }
    now.owner = owner;
}

static void on_call(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    now.has_called = true;
}

static void on_leave(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    now.has_left = true;
    record->exits++;
}

static void on_logged(unsigned int cpu, void *data)
{
    (void)cpu;
    if (now.is_logging) {
        char line[16];
        snprintf(line, sizeof line, "%" PRIx32 "\n", (uint32_t)(uintptr_t)data);
        qemu_plugin_outs(line);
    }
}

/* Whether this store of the kernel into a task's RAM is one that the task's call may make. */
static bool may_write_task(uint32_t pc, uint32_t target, uint32_t address)
{
    if (holds(frame, pc)) {
        bool restarts = now.task == 0 && now.entry == CALL && target != 0;
        return (now.task < 0 || restarts) && holds(tasks[target].frame, address);
    }
    if (!holds(copy, pc) || now.entry != CALL || now.task < 0) {
        return false;
    }
    return target == (uint32_t)now.task || (tasks[now.task].peers >> target & 1) != 0;
}

static void on_kernel_store(unsigned int cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    uint32_t pc = (uint32_t)(uintptr_t)data, byte_count = 1U << qemu_plugin_mem_size_shift(info);
    uint32_t first = (uint32_t)address, last = first + byte_count - 1;
    /* QEMU 7.2 calls back for loads, too, whatever was asked for. */
    if (!qemu_plugin_mem_is_store(info) || !now.has_begun) {
        return;
    }
    record->kernel_stores++;
    for (uint32_t i = 0; i < TASKS_MAX; i++) {
        if (tasks[i].known && (holds(tasks[i].ram, first) || holds(tasks[i].ram, last))) {
            bool whole = holds(tasks[i].ram, first) && holds(tasks[i].ram, last);
            if (!whole || !may_write_task(pc, i, first)) {
                find(KERNEL_STORE, pc, first, byte_count);
            }
            return;
        }
    }
    bool in_ram = holds(ram, first) && holds(ram, last);
    bool in_control_space = first - 0xE000E000U < 0x1000U;
    if (!in_ram && !in_control_space) {
        find(KERNEL_STORE, pc, first, byte_count);
    }
}

static void on_task_access(unsigned int cpu, uint32_t info, uint64_t where, void *data)
{
    (void)cpu;
    uint64_t word = (uintptr_t)data;
    uint32_t pc = (uint32_t)word, address = (uint32_t)where;
    const struct task *task = &tasks[(word >> 32 & 0xFF) - FIRST_TASK];
    bool is_store = qemu_plugin_mem_is_store(info);
    if (is_store) {
        record->task_stores++;
    } else {
        record->task_loads++;
    }
    if (is_store && address == alarm_address) {
        now.is_logging = true;
    }
    /* The first byte decides: where the edge is none of QEMU's pages', it lets the rest through. */
    if (holds(task->ram, address) || (!is_store && holds(task->code, address))) {
        return;
    }
    for (size_t n = 0; n < task->window_count; n++) {
        if (holds(task->windows[n], address)) {
            return;
        }
    }
    for (size_t n = 0; n < task->read_count; n++) {
        if (!is_store && holds(task->reads[n], address)) {
            return;
        }
    }
    if (holds(deaf, address)) {
        record->swallowed++;
        return;
    }
    find(is_store ? TASK_STORE : TASK_LOAD, pc, address, 1U << qemu_plugin_mem_size_shift(info));
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(tb);
    uint32_t before = NOBODY;
    for (size_t n = 0; n < count; n++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, n);
        uint32_t pc = (uint32_t)qemu_plugin_insn_vaddr(insn), owner = owner_of(pc);
        uint32_t entry = NO_ENTRY;
        for (size_t i = 0; i < entry_count; i++) {
            if (entries[i].address == pc) {
                entry = entries[i].kind;
                entries[i].second = pc + (uint32_t)qemu_plugin_insn_size(insn);
            }
        }
        if (n == 0 || owner != before || entry != NO_ENTRY || pc == reset_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_step, CALLBACK_READS_NO_REGISTERS, pack(pc, owner, entry));
        }
        if (alarm_address != 1 && (owner == KERNEL || n == 0)) {
            uint32_t logged = owner == KERNEL ? pc : 0;
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_logged, CALLBACK_READS_NO_REGISTERS, pack(logged, 0, 0));
        }
        if (pc == exit_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_leave, CALLBACK_READS_NO_REGISTERS, NULL);
        }
        const uint8_t *bytes = qemu_plugin_insn_data(insn);
        if (owner >= FIRST_TASK) {
            if (qemu_plugin_insn_size(insn) == 2 && bytes[1] == 0xDF) {
                qemu_plugin_register_vcpu_insn_exec_cb(
                    insn, on_call, CALLBACK_READS_NO_REGISTERS, NULL);
            }
            qemu_plugin_register_vcpu_mem_cb(
                insn, on_task_access, CALLBACK_READS_NO_REGISTERS, MEMORY_READ | MEMORY_WRITE,
                pack(pc, owner, 0));
        } else {
            qemu_plugin_register_vcpu_mem_cb(
                insn, on_kernel_store, CALLBACK_READS_NO_REGISTERS, MEMORY_WRITE, pack(pc, 0, 0));
        }
        before = owner;
    }
}

/* Reads one line of the walls; false if it is none. */
static bool read_wall(char *line)
{
    char word[16];
    long long v[8] = {0};
    int used = 0;
    if (sscanf(line, "%15s %n", word, &used) != 1) {
        return false;
    }
    int count = sscanf(line + used, "%lli %lli %lli %lli %lli %lli %lli %lli", &v[0], &v[1], &v[2],
                       &v[3], &v[4], &v[5], &v[6], &v[7]);
    struct range range = {(uint32_t)v[0], (uint32_t)v[1]};
    struct {
        const char *word;
        uint32_t *value;
    } numbers[] = {{"reset", &reset_address}, {"exit", &exit_address}, {"alarm", &alarm_address}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(word, numbers[i].word) == 0 && count == 1) {
            *numbers[i].value = (uint32_t)v[0];
            return true;
        }
    }
    struct {
        const char *word;
        struct range *range;
    } ranges[] = {{"text", &text}, {"ram", &ram}, {"copy", &copy}, {"frame", &frame}, {"deaf", &deaf}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (strcmp(word, ranges[i].word) == 0 && count == 2) {
            *ranges[i].range = range;
            return true;
        }
    }
    if (strcmp(word, "entry") == 0 && count == 2 && entry_count < ENTRIES_MAX && v[1] < KINDS) {
        entries[entry_count].address = (uint32_t)v[0];
        entries[entry_count++].kind = (enum kind)v[1];
        return true;
    }
    if (count < 3 || v[0] < 0 || v[0] >= TASKS_MAX) {
        return false;
    }
    struct task *task = &tasks[v[0]];
    range = (struct range){(uint32_t)v[1], (uint32_t)v[2]};
    if (strcmp(word, "task") == 0 && count == 8) {
        task->known = true;
        task->code = range;
        task->ram = (struct range){(uint32_t)v[3], (uint32_t)v[4]};
        task->frame = (struct range){(uint32_t)v[5], (uint32_t)v[6]};
        task->peers = (uint32_t)v[7];
        return true;
    }
    if (strcmp(word, "window") == 0 && task->window_count < WINDOWS_MAX) {
        task->windows[task->window_count++] = range;
        return true;
    }
    if (strcmp(word, "read") == 0 && task->read_count < WINDOWS_MAX) {
        task->reads[task->read_count++] = range;
        return true;
    }
    return false;
}

static bool read_walls(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    char line[256];
    bool good = true;
    while (good && fgets(line, sizeof line, file) != NULL) {
        good = read_wall(line);
        if (!good) {
            fprintf(stderr, "oracle: no wall: %s", line);
        }
    }
    fclose(file);
    return good && entry_count > 0;
}

static bool open_record(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ftruncate(file, sizeof *record) != 0) {
        perror(path);
        return false;
    }
    record = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (record == MAP_FAILED) {
        perror(path);
        return false;
    }
    record->magic = MAGIC;
    return true;
}

__attribute__((visibility("default"))) int qemu_plugin_install(
    qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    bool has_walls = false, has_record = false;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "walls=", 6) == 0) {
            has_walls = read_walls(argv[i] + 6);
        } else if (strncmp(argv[i], "out=", 4) == 0) {
            has_record = open_record(argv[i] + 4);
        }
    }
    if (!has_walls || !has_record) {
        fprintf(stderr, "oracle: needs walls=FILE and out=FILE, both usable\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
