/** What the command line needs to show checkpoints and to ask for savepoints. Loads no operator. */

export { realHost } from '../host/real.ts'
export { checkpointAt } from './checkpoint-at.ts'
export { folderName } from './checkpoint-names.ts'
export { copySavepoint, refuseExisting } from './copy-savepoint.ts'
export { folderStorage } from './folder-storage.ts'
export type { CheckpointSummary } from './library.ts'
export { listCheckpoints } from './list-checkpoints.ts'
export type { Manifest, OperatorRecord } from './manifest.ts'
export { requestSavepoint } from './request-savepoint.ts'
