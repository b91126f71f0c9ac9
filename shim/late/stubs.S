/* The stubs of late.h: one for each line `late NAME, VERSION, INDEX` of late.list, which the build makes.
 * A stub changes no register but those that a call through the PLT may change as well. */
#include "shim/late/late.h"

#if defined __x86_64__

/* What a call hands over in registers is kept while late_bind runs. */
    .text
    .type first, @function
first: /* the stub's index in %r11 */
    .cfi_startproc
    push %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    mov %rsp, %rbp
    .cfi_def_cfa_register %rbp
    .irp register, %rax, %rdi, %rsi, %rdx, %rcx, %r8, %r9, %r10
    push \register
    .endr
    sub $128, %rsp
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    movups %xmm\n, 16*\n(%rsp)
    .endr
    mov %r11, %rdi
    call late_bind
    mov %rax, %r11
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    movups 16*\n(%rsp), %xmm\n
    .endr
    add $128, %rsp
    .irp register, %r10, %r9, %r8, %rcx, %rdx, %rsi, %rdi, %rax
    pop \register
    .endr
    pop %rbp
    .cfi_def_cfa %rsp, 8
    jmp *%r11
    .cfi_endproc
    .size first, . - first

    .macro jump_through_slot index
    mov late_slots + 8*\index(%rip), %r11
    test %r11, %r11
    jz 1f
    jmp *%r11
1:  mov $\index, %r11d
    jmp first
    .endm

#elif defined __aarch64__

    .text
    .type first, @function
first: /* the stub's index in x17 */
    .cfi_startproc
    stp x29, x30, [sp, #-224]!
    .cfi_def_cfa_offset 224
    .cfi_offset x29, -224
    .cfi_offset x30, -216
    mov x29, sp
    stp x0, x1, [sp, #16]
    stp x2, x3, [sp, #32]
    stp x4, x5, [sp, #48]
    stp x6, x7, [sp, #64]
    str x8, [sp, #80]
    stp q0, q1, [sp, #96]
    stp q2, q3, [sp, #128]
    stp q4, q5, [sp, #160]
    stp q6, q7, [sp, #192]
    mov x0, x17
    bl late_bind
    mov x16, x0
    ldp q6, q7, [sp, #192]
    ldp q4, q5, [sp, #160]
    ldp q2, q3, [sp, #128]
    ldp q0, q1, [sp, #96]
    ldr x8, [sp, #80]
    ldp x6, x7, [sp, #64]
    ldp x4, x5, [sp, #48]
    ldp x2, x3, [sp, #32]
    ldp x0, x1, [sp, #16]
    ldp x29, x30, [sp], #224
    .cfi_restore x29
    .cfi_restore x30
    .cfi_def_cfa_offset 0
    br x16
    .cfi_endproc
    .size first, . - first

    .macro jump_through_slot index
    adrp x16, late_slots + 8*\index
    ldr x16, [x16, :lo12:late_slots + 8*\index]
    cbz x16, 1f
    br x16
1:  mov x17, #\index
    b first
    .endm

#endif

    .macro late name, version, index
    .globl \name
    .hidden \name
    .type \name, %function
\name:
    .cfi_startproc
    jump_through_slot \index
    .cfi_endproc
    .size \name, . - \name
    .pushsection .rodata.late, "a", %progbits
    .asciz "\name", "\version"
    .popsection
    .if \index >= LATE_MAX
    .error "more late imports than LATE_MAX"
    .endif
    .endm

    .section .rodata.late, "a", %progbits
    .globl late_names
    .hidden late_names
late_names:

    .text
#include "late.list"

    .section .rodata.late, "a", %progbits
    .byte 0

/* A page that holds nothing else, in a section that is no .bss: that one would have to begin with a
 * page. */
    .section .late, "aw", %nobits
    .balign LATE_PAGE
    .globl late_slots
    .hidden late_slots
    .type late_slots, %object
late_slots:
    .zero LATE_PAGE
    .size late_slots, LATE_PAGE

    .section .note.GNU-stack, "", %progbits
