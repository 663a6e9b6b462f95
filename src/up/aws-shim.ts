/**
 * up/aws-shim — an `aws` that comes first on PATH and hands everything to the user's own, with the
 * twin's address in front: awscli before 2.13 ignores AWS_ENDPOINT_URL and would call Amazon.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { writeOwnFile } from './own-file.ts';
import { ownFolder } from './places.ts';

/** How shells keep a text as it is. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Any line of a shim, by which another twin's shim knows it. */
const MARK = '# ekstwin: aws, aimed at a twin';

/** The shim: the first `aws` on PATH that is no shim runs. */
export const shimText = (awsUrl: string): string => `#!/bin/sh
${MARK}
IFS=:
for folder in $PATH; do
  program="\${folder:-.}/aws"
  [ -f "$program" ] && [ -x "$program" ] || continue
  case "$(head -n 2 "$program" 2>/dev/null | tr -d '\\0')" in *'${MARK}'*) continue ;; esac
  unset IFS
  exec "$program" --endpoint-url ${quoted(awsUrl)} "$@"
done
echo 'ekstwin: aws' >&2
echo '  there is no AWS CLI on PATH' >&2
echo '  hint: install it: https://docs.aws.amazon.com/cli/' >&2
exit 127
`;

export function writeShim(folder: string, awsUrl: string): void {
  ownFolder(folder);
  const file = join(folder, 'aws');
  writeOwnFile(file, shimText(awsUrl), 0o700);
  chmodSync(file, 0o700);
}
