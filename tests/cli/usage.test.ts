/** What the command line says to those who ask, and to those who ask wrongly. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
beforeAll(() => {
  workshop.install()
  workshop.write({
    'endless.ts':
      "import { environment, fromRows } from 'millrace'\nvoid environment().dataset(fromRows([1])).collect()",
    'job.ts': 'console.log(1)',
    'folder/only.ts': '',
    'bad.ts': 'const a = 1\nconst b = = 2\n',
  })
})
afterAll(() => workshop.remove())

test('--help teaches: commands, examples, a first program', async () => {
  const { code, stdout } = await workshop.run('--help')
  expect(code).toBe(0)
  for (const text of ['millrace run job.ts', 'millrace explain job.ts --json', "from 'millrace'", 'Ctrl-C'])
    expect(stdout).toContain(text)
  expect((await workshop.run()).stdout).toBe(stdout)
  expect((await workshop.run('run', '--help')).stdout).toContain("the program's own arguments")
})

test('--version is that of the package', async () => {
  const { default: manifest } = await import('../../packages/millrace/package.json', { with: { type: 'json' } })
  expect((await workshop.run('--version')).stdout).toBe(`${manifest.version}\n`)
})

const wrong: [args: string[], message: string][] = [
  [['rum', 'job.ts'], 'unknown command: rum (known: run, explain, checkpoints, savepoint, help)\n  did you mean run?'],
  [
    ['job.ts'],
    'unknown command: job.ts (known: run, explain, checkpoints, savepoint, help)\n  did you mean millrace run job.ts?',
  ],
  [
    ['run', '--stak', 'job.ts'],
    'unknown option: --stak (known: --checkpoints, --checkpoint-every, --from, --allow-older-checkpoint, --allow-dropped-state, --parallelism, --progress, --no-progress, --check, --stack, --help)\n  did you mean --stack?',
  ],
  [['explain', '--jsom', 'job.ts'], 'unknown option: --jsom (known: --json, --stack, --help)\n  did you mean --json?'],
  [['run'], 'missing job\n  millrace run --help'],
  [['run', 'job.ts', '--parallelism', 'two'], 'invalid --parallelism: two\n  give a whole number from 1 to 128'],
  [
    ['run', '--checkpoints'],
    "invalid command line: option '--checkpoints <DIR>' argument missing\n  millrace run --help",
  ],
  [['run', 'job.ts', '--checkpoints'], 'missing DIR of --checkpoints'],
  [
    ['run', '--allow-dropped-state', 'endless.ts'],
    'missing folder of checkpoints: the job takes none\n  name one: --checkpoints DIR',
  ],
  [
    ['checkpoints', 'nowhere'],
    'missing folder: nowhere\n  give the folder that a job was given: --checkpoints DIR, or dir of its environment',
  ],
  [['savepoint'], 'missing dir\n  millrace savepoint --help'],
  [['run', 'jbo.ts'], 'missing file: jbo.ts\n  did you mean job.ts?'],
  [['run', 'job'], 'missing file: job\n  did you mean job.ts?'],
  [['run', 'folder'], 'invalid job: folder is a folder\n  did you mean folder/only.ts?'],
  [['run', 'nothing/like/it.ts'], `missing file: nothing/like/it.ts\n  paths are relative to ${workshop.folder}`],
  [['run', 'bad.ts'], 'invalid program: Unexpected "="\n  at bad.ts:2:11\n    const b = = 2\n              ^'],
]
for (const [args, message] of wrong)
  test(`millrace ${args.join(' ')}`, async () => {
    expect(await workshop.run(...args)).toEqual({ code: 1, stdout: '', stderr: `${message}\n` })
  })
