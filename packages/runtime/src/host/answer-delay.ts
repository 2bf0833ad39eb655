/** How long an answer from outside is on its way, in milliseconds of a simulation: mostly short, now and then very long. */
export function answerDelay(random: () => number): number {
  const kind = random()
  if (kind < 0.7) return random() * 5
  return kind < 0.98 ? random() * 100 : random() * 3000
}
