"""Questions asked of accounts and rings, one module each."""

from graphkit.signals import (
    chorus,
    heartbeat,
    length_variation,
    lockstep,
    notices,
    output_rate,
    prompt_leak,
    provenance,
    self_reuse,
    shared_beneficiary,
    shared_script,
    style,
    waking,
)
from graphkit.signals.base import Case, Ceiling, Signal

SIGNALS: tuple[Signal, ...] = (
    output_rate.SIGNAL,
    length_variation.SIGNAL,
    lockstep.LOCKSTEP,
    heartbeat.SIGNAL,
    waking.HOUR_CEILING,
    waking.AWAKE,
    style.SIGNAL,
    prompt_leak.SIGNAL,
    provenance.SHARED_DEVICE,
    provenance.SHARED_ADDRESS,
    provenance.BIRTH_BURST,
    provenance.SERIAL_NAMES,
    self_reuse.SIGNAL,
    notices.SIGNAL,
    lockstep.RING_LOCKSTEP,
    shared_script.SIGNAL,
    shared_beneficiary.SIGNAL,
    chorus.SIGNAL,
)

__all__ = ["SIGNALS", "Case", "Ceiling", "Signal"]
