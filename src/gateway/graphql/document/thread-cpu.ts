/**
 * Returns the CPU time that this thread has used, ms. Unlike the time of a clock, it does not increase while other processes use the CPU.
 */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
