// ConformanceKit/SabotageTable.swift: for each case the broken kernel on which it must fail.
// A case that no broken kernel fails proves nothing; the few that none can fail say why.

import KernelSabotage

/// Cases that must fail on one broken image.
public struct Claim: Sendable {
  /// The name of the edit, one of `Sabotage.all`.
  public var sabotage: String
  /// Where the cases can show it, if the run names no board.
  public var board = "mps2-an385"
  /// Whether a guest that falls silent is what the edit must bring about.
  public var isSilence = false
  /// The names of the cases.
  public var cases: [String]

  init(
    _ sabotage: String, on board: String = "mps2-an385", isSilence: Bool = false, _ cases: String...
  ) {
    (self.sabotage, self.board, self.isSilence) = (sabotage, board, isSilence)
    self.cases = cases
  }
}

extension Sabotage {
  /// Every edit that the table may name.
  public static var all: [Sabotage] {
    brokenKernels + subtleKernels + brokenContracts + brokenPorts
  }
}

extension Claim {
  /// The whole table.
  public static let all = mapped + entered + told + sent + lent + timed + served

  /// The cases that no edit of kernel or port can fail, and why.
  public static let reasons = [
    "at24csw080::test_at24csw080": "no board here has the EEPROM, so the case runs nowhere",
    "test_task_config":
      "compares a constant of the image with its plan, both written by the host's planner",
    "M19_holes":
      "a hole in these devices' windows reads 0 for whoever may touch it, so there is nothing to fail",
    "P04_status":
      "in thread mode the core itself reads 0: a return to anything else is no task any more",
    "E20_exclusive":
      "the core clears its monitor at every return from an exception; no instruction keeps it",
  ]

  /// What the MPU and the stacks' edges refuse.
  private static let mapped = [
    Claim(
      "no map", "test_fault_badmem", "test_fault_textoob", "test_fault_stackoob",
      "M01_read_kernel_ram", "M02_write_kernel_ram", "M04_write_text", "M07_other_task",
      "M08_walk_off", "M09_edges", "M10_unaligned_edge", "M18_device", "M20_unmapped", "M20_vendor",
      "M21_bit_band",
      "P01_control", "M12_closed_eighths", "M14_unused_slots", "M17_storm"),
    Claim("memory not cleared", "power_on"),
    Claim("first task inherits floating point", on: "mps2-an386", "first_lives"),
    Claim("old faults kept", "first_fault"),
    Claim("no map before the first switch", "M23_first_task"),
    Claim(
      "privileged tasks", "test_fault_buserror", "S01_fault_registers",
      "S02_vector_table_and_reset", "S03_mpu", "S04_systick", "S05_nvic", "S07_configuration",
      "S08_debug", "S10_writes_have_no_effect", "P03_stack_registers"),
    Claim(
      "painted once", "test_restart", "registers_after_restart", "X03_memory"),
  ]

  /// What an exception does to the task that it interrupts.
  private static let entered = [
    Claim("padding forgotten", "E09_unaligned"),
    Claim("word below the frame", "E15_only_the_frame"),
    Claim("immediate is read", "A10_immediate"),
    Claim("pending exceptions kept", "E11_phantom_fault"),
    Claim(
      "half of the floating point kept", on: "mps2-an386", "test_floating_point_lowregs",
      "test_floating_point_highregs", "F01_preemption"),
    Claim("floating point inherited", on: "mps2-an386", "F02_fresh"),
    Claim("no trap for a division", "test_fault_divzero", "P12_divide"),
    Claim("no tick", isSilence: true, "P05_wait"),
  ]

  /// What a fault is called, and who is told.
  private static let told = [
    Claim(
      "refused execution is memory", "test_fault_execdata", "test_fault_nullexec", "M03_null",
      "M05_execute_data", "M06_jump_into_kernel", "P11_exception_return", "S09_execute",
      "R07_return_from_main"),
    Claim(
      "breakpoint and rest exchanged", "test_fault_illop", "P06_breakpoint", "P07_semihosting",
      "P09_coprocessor", "P10_arm_state", "P13_unaligned", "F09_no_unit", "E19_kinds"),
    Claim("undefined is invalid", "test_fault_illinst", "P08_undefined", "X04_crash_loop"),
    Claim(
      "undefined is invalid", on: "mps2-an386", "test_floating_point_fault", "F06_no_debt"),
    Claim(
      "no stack overflow", "test_fault_stackoverflow", "E01_overflow", "E02_call_on_kernel_stack",
      "E03_wrapping", "E05_anywhere", "E06_system_space", "E07_other_task", "E10_phantom_call",
      "E12_tick", "E12_interrupt", "E14_sweep_low", "E14_sweep_high"),
    Claim(
      "no stack overflow", on: "mps2-an386", "F04_top_edge", "F05_other_task", "F08_low_edge"),
    Claim("faults are not told", "test_supervisor_fault_notification"),
    Claim("program counter a word off", "X01_program_counter"),
    Claim(
      "no reset record", "supervisor_death", "requested_reset", "kernel_fault",
      "M23_supervisors_map", "X06_memory", "X06_illegal_text", "X06_divide", "X06_breakpoint",
      "X06_usage", "X06_panic", "X06_stack"),
    Claim("panic is an injection", "test_panic", "test_read_panic_message"),
    Claim("injection is a panic", "test_task_fault_injection", "X01_record"),
  ]

  /// Messages, identities and codes.
  private static let sent = [
    Claim("a word is lost", "test_send", "test_idol_basic"),
    Claim(
      "last byte lost", "test_recv_reply", "test_idol_bool_arg", "test_idol_bool_ret",
      "test_idol_bool_xor", "test_idol_ssmarshal", "test_idol_ssmarshal_multiarg", "V12_copies",
      "I07_cut"),
    Claim("operation of 8 bits", "test_idol_ssmarshal_multiarg_enum"),
    Claim("identity of the first life", "I12_identity"),
    Claim("code of 15 bits", "test_idol_err_ret", "I14_forged_death"),
    Claim("refusal without its reason", "test_recv_reply_fault"),
    Claim(
      "stale generation accepted", "test_restart_taskgen", "post_stale", "I03_stale", "I04_wrap"),
    Claim("wrong dead code", "test_panic_taskgen", "I02_faulted_peer"),
    Claim("refresh names the first life", "test_refresh_task_id_basic"),
    Claim(
      "refresh of three bits", "test_refresh_task_id_off_by_one",
      "test_refresh_task_id_off_by_many"),
    Claim("refresh of anybody", "refresh_strangers"),
    Claim("anybody is called", "I01_not_allowed"),
    Claim("no limit of length", "V03_wrapping"),
    Claim("reply of any length", "I06_reply_too_long"),
    Claim("reply to anybody", "I05_late_reply", "I19_reply_to_oneself"),
    Claim("task 5 goes first", "I13_order"),
    Claim("wait takes messages", "closed_receive"),
    Claim("dead sender stays", "I09_sender_dies", "X02_restart_anywhere"),
    Claim("index of three bits", "A04_indices"),
    Claim("unknown calls ignored", "A01_unknown_call"),
  ]

  /// Leases and slices.
  private static let lent = [
    Claim("leaked lease", "test_borrow_without_peer_waiting", "L02_third_party"),
    Claim(
      "offset ignored", "test_borrow_read", "test_borrow_write", "L09_every_offset",
      "L11_table_rewritten", "R01_exception_number", "R02_thumb_bit", "R03_kernel_address",
      "R03_system_address"),
    Claim("rights not told", "test_borrow_info"),
    Claim("rights ignored", "L04_rights"),
    Claim("a lease too many", "L03_out_of_range"),
    Claim("offset blamed on the borrower", "L12_beyond_the_end", "L13_table_at_random"),
    Claim("write reads", "E21_call_in_a_loan"),
    Claim("slice check off by one at the start", "V01_destinations"),
    Claim("slice check off by one at the end", "L05_not_the_lenders", "L06_lengths"),
    Claim(
      "reading unchecked", "V02_sources", "V08_device", "V09_alias", "L07_table",
      "L08_table_count", "L10_borrowers_slice", "V04_table_wraps", "X09_panic_text"),
    Claim("empty slices need memory", "V07_empty"),
  ]

  /// Time, notifications and interrupts.
  private static let timed = [
    Claim("time stands still", "test_timer_advance", "P02_masks", "T05_storm"),
    Claim("rank 5 comes second", "preemption"),
    Claim(
      "timers of tasks are lost", "test_timer_notify", "test_timer_notify_past", "I17_both",
      "T01_deadlines", "T03_together", "T08_only_own"),
    Claim("timer's bits add up", "timer_cancel"),
    Claim("clock spoils a register", "A09_unchanged", "A11_storm"),
    Claim("inherited timer", "T07_disarmed_by_fault"),
    Claim("post of 16 bits", "test_post"),
    Claim("anybody is posted to", "N01_not_allowed"),
    Claim("any bit is posted", "N09_forged"),
    Claim("lost notification", "mask_filtering", "N02_accumulate"),
    Claim(
      "interrupts of tasks are lost", "test_irq_status", "N05_stuck", "N08_notified_once"),
    // The one board whose timer has a line above 31.
    Claim("lines in words of 64", on: "lm3s6965evb", "test_irq_notif"),
    Claim("restart unmasks", "N06_owner_dies", "X12_restart_in_flight"),
    Claim("no own interrupt is no mistake", "no_interrupt", "N03_not_own"),
    Claim("any selector", "A03_selectors"),
  ]

  /// The supervisor's services.
  private static let served = [
    Claim(
      "slip of the supervisor", "test_fault_maxstatus", "test_fault_badstatus",
      "test_fault_maxrestart", "test_fault_badrestart", "test_fault_maxinjection",
      "test_fault_badinjection", "test_task_status", "X11_junk_above"),
    Claim("nobody is spared", "test_fault_superinjection", "X10_idle"),
    Claim(
      "services for everybody", "test_fault_selfinjection", "not_supervisor",
      "A02_random_registers", "X07_services"),
    Claim("given up and called", "X14_given_up"),
    Claim("healthy and given up", "X15_giving_up_refused"),
    Claim("supervisor's buffer unchecked", "X09_supervisors_buffer"),
    Claim("search begins behind the index", "X13_find"),
  ]
}
