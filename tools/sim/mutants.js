/**
 * Defects that the simulator has to find, each planted alone: the mistakes of which the recovery protocol speaks, and some
 * that it once had. A patch replaces text that stands exactly once in its file.
 */
const cluster = 'packages/runtime/src/cluster'
const driver = 'packages/runtime/src/driver'
const checkpoint = 'packages/runtime/src/checkpoint'
const state = 'packages/runtime/src/state'

const patch = (file, find, put) => ({ file, find, put })
const mutant = (name, ...patches) => ({ name, patches })

export const mutants = [
  mutant('a barrier does not hold its channel', patch(`${driver}/vertex.ts`, ' && input.aligned === 0 && ', ' && ')),
  mutant(
    'the build side is not held at the barrier',
    patch(
      `${driver}/vertex.ts`,
      'if (control.barrier || !this.#isBuild(input.index)) {',
      'if (!this.#isBuild(input.index)) {',
    ),
    patch(
      `${driver}/epoch-alignment.ts`,
      '  if (barrier && ports.some(port => !port.done && !port.keptToEnd && port.aligned < epoch)) return undefined\n',
      '',
    ),
  ),
  mutant(
    'timers are not saved',
    patch(`${state}/timers.ts`, '    if (own.length === 0) return []\n', '    if (own.length >= 0) return []\n'),
  ),
  mutant(
    'times to live begin anew at a restore',
    patch(
      `${state}/expiring-values.ts`,
      'stamped ? (batch.get(last, i) as number) : this.#clock.now',
      'this.#clock.now',
    ),
  ),
  mutant(
    'keys are not restored',
    patch(
      `${state}/operator-state.ts`,
      "    if (this.index !== null) restoreIndex(this.index, snapshot.get('') ?? [])\n",
      '',
    ),
  ),
  mutant(
    'ids of keys are given out anew after a restore',
    patch(
      `${state}/operator-state.ts`,
      'index.restore({ highWater: meta as number,',
      'index.restore({ highWater: Math.min(5, meta as number),',
    ),
  ),
  mutant(
    'state is not saved',
    patch(
      `${driver}/operator-vertex.ts`,
      'this.spec.transient === true ? new Map() : this.#capture(epoch)',
      'new Map()',
    ),
  ),
  mutant(
    'kept rows are not saved',
    patch(
      'packages/runtime/src/state/operator-state.ts',
      'const rest = handles.filter(([name]) => !keyed.some(([other]) => other === name))',
      'const rest = handles.filter(([name]) => !/^(kept|between):/.test(name) && !keyed.some(([other]) => other === name))',
    ),
  ),
  mutant(
    'watermarks of channels are not restored',
    patch(`${driver}/input-port.ts`, '    this.watermark = timeFrom(watermark)\n', ''),
    patch(`${driver}/vertex.ts`, '    this.watermark = timeFrom(watermark)\n', ''),
  ),
  mutant(
    'what has ended is forgotten at a restore',
    // A channel remembers it, and whoever had ended says so again: either is enough where channels are the same.
    patch(`${driver}/input-port.ts`, '    this.ended = ended\n', ''),
    patch(`${driver}/vertex.ts`, "endAgain(): void {\n    this.broadcast({ kind: 'end' })\n", 'endAgain(): void {\n'),
  ),
  mutant(
    'what has ended does not say so again at a restore',
    patch(`${driver}/vertex.ts`, "endAgain(): void {\n    this.broadcast({ kind: 'end' })\n", 'endAgain(): void {\n'),
  ),
  mutant(
    'a source that has ended begins anew',
    patch(
      `${cluster}/deal-splits.ts`,
      'if (goingOn?.matched.records.has(index) === true) {',
      'if (goingOn !== undefined && (goingOn.matched.records.get(index)?.splits ?? []).length > 0) {',
    ),
    patch(
      `${driver}/vertex.ts`,
      '    if (finished) {\n      this.ended = true\n',
      '    if (finished) {\n      this.ended = this.inputs.length > 0\n',
    ),
    patch(
      `${driver}/vertex.ts`,
      "  endAgain(): void {\n    this.broadcast({ kind: 'end' })\n",
      "  endAgain(): void {\n    if (this.ended) this.broadcast({ kind: 'end' })\n",
    ),
  ),
  mutant(
    'a split goes on one row too far',
    patch(`${driver}/source-vertex.ts`, 'offset: this.#offset(reader) }', 'offset: Number(this.#offset(reader)) + 1 }'),
  ),
  mutant(
    'a split goes on one row too early',
    patch(
      `${driver}/source-vertex.ts`,
      'offset: this.#offset(reader) }',
      'offset: Math.max(0, Number(this.#offset(reader)) - 1) }',
    ),
  ),
  mutant(
    'splits that were not opened are forgotten',
    patch(`${driver}/source-vertex.ts`, '[...open, ...this.#unopened.slice(this.#nextSplit)]', 'open'),
  ),
  mutant(
    'a split is assigned twice',
    patch(
      `${cluster}/go-on.ts`,
      '    shares.get(stays ? site : at[i % at.length])!.push(split)\n',
      '    shares.get(stays ? site : at[i % at.length])!.push(split)\n    if (i === 0) shares.get(at[at.length - 1])!.push(split)\n',
    ),
  ),
  mutant(
    'splits are read from the beginning after a restore',
    patch(
      `${cluster}/go-on.ts`,
      'for (const [i, { site, ...split }] of inTurn',
      'for (const [i, { site, offset: _, ...split }] of inTurn',
    ),
  ),
  mutant(
    'the number of a barrier is used again',
    patch(
      `${cluster}/coordinator.ts`,
      '    const epoch = ++this.#epoch\n    for (const [site',
      '    const epoch = this.#epoch % 3 === 2 ? this.#epoch : ++this.#epoch\n    for (const [site',
    ),
  ),
  mutant(
    'sinks commit before the manifest',
    patch(
      `${cluster}/checkpointing.ts`,
      '      await checkpoints.complete(manifest)\n',
      '      await this.#commit(handles, false)\n      await checkpoints.complete(manifest)\n',
    ),
  ),
  mutant(
    'handles of a failed checkpoint are forgotten',
    patch(
      `${cluster}/checkpointing.ts`,
      '    this.keep(message.handles)\n',
      "    if (message.kind === 'snapshot' && this.#pending?.id === message.id) this.keep(message.handles)\n",
    ),
  ),
  mutant(
    'handles that wait for the end are not carried over a restore',
    patch(
      `${cluster}/checkpointing.ts`,
      'if (handles !== undefined && this.#waitsForEnd(sink)) this.#uncommitted',
      'if (handles === null) this.#uncommitted',
    ),
  ),
  mutant(
    'a bounded result is committed at a checkpoint',
    patch(`${cluster}/checkpointing.ts`, 'count === 0 || (!last && this.#waitsForEnd(sink))', 'count === 0'),
  ),
  mutant(
    'the commit is not repeated at a restore',
    patch(`${cluster}/go-on.ts`, '    if (whole && handles.length > 0) await commit(index, handles)\n', ''),
  ),
  mutant(
    'a recovery leaves output that is not committed',
    patch(
      `${cluster}/go-on.ts`,
      '    await (node.node.sink as Sink).recover?.({ jobId: manifest.jobId, handles, states })\n',
      '    void states\n',
    ),
  ),
  mutant(
    "a writer's state is not restored",
    patch(
      `${driver}/sink-vertex.ts`,
      'this.#restored = alike ? { restored: states[0] } : { restoredAll: states, restoredMetas: writers }',
      'void [alike, states, writers]',
    ),
  ),
  mutant(
    'what a sink has prepared is not told of',
    patch(
      `${driver}/sink-vertex.ts`,
      'this.surroundings.snapshot?.(this, epoch, record, statesOf(prepared), prepared.handles)',
      'this.surroundings.snapshot?.(this, epoch, record, statesOf(prepared))',
    ),
  ),
  mutant(
    'the end does not wait for parts that are being written',
    patch(`${cluster}/share.ts`, '    await this.#parts // what sinks have prepared for them is told of before\n', ''),
  ),
  mutant(
    'sinks are asked before their writers are there',
    patch(`${driver}/sink-vertex.ts`, '      await this.#whenOpen\n', ''),
  ),
  mutant(
    'the fence is ignored',
    patch(
      `${checkpoint}/checkpoints.ts`,
      '    if (fence !== this.fence) throw (this.#fenced = overtaken(this.#storage.label, fence))\n',
      '    void [fence, overtaken]\n',
    ),
  ),
  mutant(
    'who was overtaken restores and recovers',
    patch(
      `${checkpoint}/checkpoints.ts`,
      '      await this.#holdFence() // who has been overtaken must not make sinks what they were\n',
      '',
    ),
  ),
  mutant(
    'ids of checkpoints are used again',
    patch(
      `${checkpoint}/first-entry.ts`,
      'nextId: Math.max(last?.nextId ?? 1, above([...known, ...complete].map(({ id }) => id))),',
      'nextId: 1,',
    ),
  ),
  mutant(
    'parts are not verified before the manifest',
    patch(
      `${checkpoint}/checkpoints.ts`,
      '      await this.#unlessOvertaken(checkFiles(this.#storage, fresh)).catch(failed)\n',
      '      void failed\n',
    ),
  ),
  mutant(
    'an older checkpoint is taken silently',
    patch(`${checkpoint}/checkpoints.ts`, '        if (!allowOlder) throw refused(error as MillraceError)\n', ''),
  ),
  mutant(
    'the last checkpoint but one is restored',
    patch(
      `${checkpoint}/checkpoints.ts`,
      '    let damage: unknown\n',
      '    let damage: unknown\n    if (ids.length > 1) ids.shift()\n',
    ),
  ),
  mutant(
    'the newest checkpoint is pruned away',
    patch(
      `${checkpoint}/checkpoints.ts`,
      'const retained = ids.slice(0, Math.max(1, retain))',
      'const retained = ids.slice(1, Math.max(2, retain))',
    ),
  ),
  mutant(
    'a checkpoint is complete when one part is missing',
    patch(
      `${cluster}/manifest-of.ts`,
      'parts: sites.map(([, { files }]) => files),',
      'parts: sites.map(([site, { files }]) => (site === 1 ? [] : files)),',
    ),
  ),
  mutant(
    'a completion that has failed may count when something else was restored',
    patch(`${checkpoint}/checkpoints.ts`, '      await this.#settle()\n', ''),
  ),
  mutant(
    'a partial aggregate that was not there has not ended',
    patch(
      `${cluster}/require-compatible.ts`,
      'return nodes[node].inputs.length > 0 && nodes[node].inputs.every(({ edge }) => finished(edge.from))',
      'return false',
    ),
  ),
  mutant(
    'a writer is asked for two things at once',
    patch(`${driver}/sink-vertex.ts`, '    const result = this.#turn.then(step)\n', '    const result = step()\n'),
  ),
  mutant(
    'what a superseded barrier has prepared is forgotten',
    patch(`${driver}/job.ts`, '    else if (handles.length > 0) this.#takeHandles(vertex.id, handles)\n', ''),
  ),
  mutant(
    'the last checkpoint is none',
    patch(
      `${cluster}/checkpointing.ts`,
      '    await this.#options.checkpoints.complete(finishedManifest(facts, files))\n',
      '    void [finishedManifest, facts, files]\n',
    ),
  ),
  mutant(
    'who was overtaken discards what it has written',
    patch(
      `${cluster}/coordinator.ts`,
      '(await this.#checkpointing?.hasNone()) !== false',
      '(await this.#checkpointing?.hasNone()) !== null',
    ),
  ),
  mutant(
    'what was prepared for checkpoints that never were is left when a job begins again',
    patch(
      `${cluster}/coordinator.ts`,
      '    if (again === true) await this.#discard()',
      '    if (again === null) await this.#discard()',
    ),
  ),
  mutant(
    'what was prepared for a checkpoint that was given up is told of behind a later one',
    patch(`${cluster}/share.ts`, 'return this.#untold.splice(0)', 'return this.#untold.splice(-1)'),
  ),
  mutant(
    'a sink that fails at a checkpoint behind its end is not heard',
    patch(`${driver}/job.ts`, '    this.#settings.failed?.(error)\n', ''),
  ),
  mutant(
    'an increment misses a row',
    patch(
      `${state}/capture.ts`,
      '    const parts = live === 0 ? [] : this.#held(held, live)\n',
      '    const parts = live === 0 ? [] : this.#held(held, this.#options.whole || live < 2 ? live : live - 1)\n',
    ),
  ),
  mutant(
    'a key that a row has touched does not count as touched',
    patch(
      `${state}/key-changes.ts`,
      'for (let i = 0; i < length; i++) if (ids[i] >= 0) since[ids[i]] |= TOUCHED',
      'for (let i = 1; i < length; i++) if (ids[i] >= 0) since[ids[i]] |= TOUCHED',
    ),
  ),
  mutant(
    'a key of which a timer is due does not count as touched',
    patch(`${state}/timers.ts`, '      this.#dropped.beforeChange(due.id)\n', ''),
    patch(
      `${state}/operator-state.ts`,
      '    this.#capture?.save(ids, length)\n    if (this.index !== null) for',
      '    if (this.index !== null) for',
    ),
  ),
  mutant(
    'what has changed before a checkpoint that failed is forgotten',
    patch(`${state}/key-changes.ts`, '    if (!lastCounts) {\n', '    if (lastCounts && !lastCounts) {\n'),
  ),
  mutant(
    'keys that were removed since are read from the base',
    patch(
      `${cluster}/merge-parts.ts`,
      "const bit = state === '' ? KEYS : VALUES",
      "const bit = state === '' ? 0 : VALUES",
    ),
  ),
  mutant(
    'the new key of an id that was free is not in the change',
    patch(
      `${state}/key-changes.ts`,
      'this.#room(this.#since!)[id] = TOUCHED | KEY',
      'this.#room(this.#since!)[id] |= TOUCHED',
    ),
  ),
  mutant(
    'ids that are free are those of the base',
    patch(
      `${cluster}/merge-parts.ts`,
      '    all.set(own, kept)\n    free = all\n',
      '    all.set(own, kept)\n    if (free.length === 0 || own.length < 3) free = all\n',
    ),
  ),
  mutant(
    'a change is restored twice',
    patch(
      `${cluster}/merge-parts.ts`,
      'own.push(...kept(record, replaced))',
      "own.push(...kept(record, replaced), ...(record.change && record.state !== '' ? kept(record, replaced) : []))",
    ),
  ),
  mutant(
    'compaction drops a row',
    patch(
      `${cluster}/merge-parts.ts`,
      '  if (count === 0) return []\n',
      "  if (count > 1 && count < batch.length && state !== '') count--\n  if (count === 0) return []\n",
    ),
  ),
  mutant(
    'what changes behind the barrier is not copied before',
    patch(
      `${state}/operator-state.ts`,
      '    this.#changes?.touch(ids, length)\n    this.#capture?.save(ids, length)\n',
      '    this.#changes?.touch(ids, length)\n',
    ),
  ),
  mutant(
    'what is copied shares its memory',
    patch(`${state}/early-parts.ts`, 'this.#others.push(unshared(part))', 'this.#others.push(part)'),
  ),
  mutant(
    'what was copied is told again',
    patch(`${state}/capture.ts`, '      marks[id] |= DONE\n      own ??=', '      own ??='),
  ),
  mutant(
    'changes go on from a checkpoint that does not count',
    patch(
      `${cluster}/part-chain.ts`,
      '    this.#written = { id, epoch, files }\n',
      '    this.#written = { id, epoch, files }\n    this.completed(id)\n',
    ),
  ),
  mutant(
    'files that later changes need are pruned away',
    patch(
      `${checkpoint}/checkpoints.ts`,
      'return [file.path, ...filesOf(manifest).map(({ path }) => path)]',
      'return [file.path, ...manifest.parts.flatMap(files => files.slice(-1)).map(({ path }) => path)]',
    ),
  ),
  mutant(
    'a savepoint has what has changed alone',
    patch(
      `${cluster}/write-part.ts`,
      'return mergedRecords([...(await recordsIn(storage, files)), change]).values()',
      'return mergedRecords([...(await recordsIn(storage, files.slice(0, 0))), change]).values()',
    ),
  ),
]
