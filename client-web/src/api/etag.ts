// The ETag to change something with: of the version that was on screen. When somebody has changed it since, one that the
// server refuses.
import { answer } from './problem'

export async function tagOf<T extends { version: number }>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
  version: number,
): Promise<string> {
  const data = await answer(call)
  return (data.version === version && (await call).response.headers.get('ETag')) || '"0"'
}
