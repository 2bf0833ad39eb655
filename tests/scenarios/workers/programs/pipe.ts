/** From standard input to standard output. Both are the caller's; what is between runs on the workers. */
import { count, int32, stdin, stdout, text } from 'millrace'
import { env } from './around.ts'

await env
  .dataset(stdin.jsonLines({ name: text, n: int32 }))
  .filter(r => r.n > 1)
  .groupBy('name')
  .aggregate({ rows: count() })
  .to(stdout.jsonLines())
  .run()
