/** Options of `millrace run` that say something of checkpoints and workers: before the program's file, or right behind it. */

export interface CheckpointFlags {
  readonly checkpoints?: string
  readonly checkpointEvery?: string
  readonly from?: string
  readonly allowOlderCheckpoint?: boolean
  readonly allowDroppedState?: boolean
  readonly parallelism?: string
}

/** Each with the word that stands for its value, if it has one. */
export const checkpointFlags = {
  '--checkpoints': [
    'DIR',
    "take checkpoints in this folder, and go on from the newest there; takes the program's place",
  ],
  '--checkpoint-every': ['TIME', 'how often: 10s, 500ms, 1m (default: as the program says, or 10s)'],
  '--from': ['PATH', 'begin from this savepoint or checkpoint, as long as the folder has none of its own'],
  '--allow-older-checkpoint': [
    '',
    'if the newest checkpoint is damaged, go on from one before; what came since is repeated',
  ],
  '--allow-dropped-state': ['', 'go on although the checkpoint has state that the program has no operator for'],
  '--parallelism': ['N', 'how many workers, 1 to 128'],
} as const satisfies Record<string, readonly [value: string, help: string]>
