import { spawnSync } from 'node:child_process';

/**
 * For a process that sends: in a hospital that is another machine, here it shares the processors with what is measured. What comes for it does not push aside who is working; it has its
 * turn when they wait (Linux: SCHED_BATCH). What it starts meanwhile inherits that. Gives what ends it; null where it cannot be had.
 */
export function stepAside(): (() => void) | null {
  return schedule('--batch') ? () => void schedule('--other') : null;
}

function schedule(policy: '--batch' | '--other'): boolean {
  return spawnSync('chrt', ['--all-tasks', policy, '--pid', '0', String(process.pid)]).status === 0;
}
