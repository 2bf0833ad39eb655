/** What the command line needs to run a program. Loads nothing of the engine: the bundler should start at once. */
export { type Bundle, bundleJob } from './bundle.ts'
export { evaluateJob, type JobModule } from './evaluate.ts'
