/**
 * cluster/names — which texts may be names, labels and ports, in the API server's words.
 *
 * Upstream: kubernetes/apimachinery pkg/util/validation/validation.go (1.30). Each function gives
 * the complaints about a text; none when it is well formed.
 */

const DNS1123_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS1123_SUBDOMAIN = `${DNS1123_LABEL}(\\.${DNS1123_LABEL})*`;
const DNS1035_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED_NAME})?`;
const WILDCARD = `\\*\\.${DNS1123_SUBDOMAIN}`;

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const dns1123Label = whole(DNS1123_LABEL);
const dns1123Subdomain = whole(DNS1123_SUBDOMAIN);
const dns1035Label = whole(DNS1035_LABEL);
const qualifiedName = whole(QUALIFIED_NAME);
const labelValue = whole(LABEL_VALUE);
const wildcard = whole(WILDCARD);

const maxLength = (length: number): string => `must be no more than ${length} characters`;

/** validation.go RegexError: the explanation, examples, the expression. */
const regexText = (explanation: string, pattern: string, ...examples: string[]): string => {
  const quoted = examples.map((example, i) => `${i === 0 ? '' : ' or '}'${example}', `).join('');
  const given = examples.length === 0 ? '' : `e.g. ${quoted}`;
  return `${explanation} (${given}regex used for validation is '${pattern}')`;
};

const LABEL_TEXT = regexText(
  'a lowercase RFC 1123 label must consist of lower case alphanumeric characters ' +
    "or '-', and must start and end with an alphanumeric character",
  DNS1123_LABEL,
  'my-name',
  '123-abc',
);
const SUBDOMAIN_TEXT = regexText(
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric ' +
    "characters, '-' or '.', and must start and end with an alphanumeric character",
  DNS1123_SUBDOMAIN,
  'example.com',
);
const DNS1035_TEXT = regexText(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " +
    'start with an alphabetic character, and end with an alphanumeric character',
  DNS1035_LABEL,
  'my-name',
  'abc-123',
);
const QUALIFIED_TEXT = regexText(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and " +
    'end with an alphanumeric character',
  QUALIFIED_NAME,
  'MyName',
  'my.name',
  '123-abc',
);
const LABEL_VALUE_TEXT = regexText(
  'a valid label must be an empty string or consist of alphanumeric characters, ' +
    "'-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  'MyValue',
  'my_value',
  '12345',
);
const WILDCARD_TEXT = regexText(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS " +
    "subdomain, which must consist of lower case alphanumeric characters, '-' or " +
    "'.' and end with an alphanumeric character",
  WILDCARD,
  '*.example.com',
);

const check = (text: string, max: number, form: RegExp, explanation: string): string[] => {
  const problems: string[] = [];
  if (text.length > max) problems.push(maxLength(max));
  if (!form.test(text)) problems.push(explanation);
  return problems;
};

/** Container names, namespaces, ports of a Service. */
export const dns1123LabelProblems = (text: string): string[] =>
  check(text, 63, dns1123Label, LABEL_TEXT);

/** Most objects' names. */
export const dns1123SubdomainProblems = (text: string): string[] =>
  check(text, 253, dns1123Subdomain, SUBDOMAIN_TEXT);

/** Services' names. */
export const dns1035LabelProblems = (text: string): string[] =>
  check(text, 63, dns1035Label, DNS1035_TEXT);

/** `*.example.com`. */
export const wildcardProblems = (text: string): string[] =>
  check(text, 253, wildcard, WILDCARD_TEXT);

/**
 * RBAC objects may be called anything a URL path can hold (path/name.go IsValidPathSegmentName).
 */
export const pathSegmentProblems = (text: string): string[] => {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((it) => text.includes(it)).map((it) => `may not contain '${it}'`);
};

/** Label keys, annotation keys, finalizers: `example.com/name`. */
export function qualifiedNameProblems(text: string): string[] {
  const problems: string[] = [];
  const parts = text.split('/');
  let name = parts[0]!;
  if (parts.length === 2) {
    const prefix = parts[0]!;
    name = parts[1]!;
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...dns1123SubdomainProblems(prefix).map((it) => `prefix part ${it}`));
  } else if (parts.length > 2) {
    const text = QUALIFIED_TEXT.replace(/^must/, 'a qualified name must');
    return [`${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push(`name part ${maxLength(63)}`);
  if (!qualifiedName.test(name)) problems.push(`name part ${QUALIFIED_TEXT}`);
  return problems;
}

/** Label values. */
export const labelValueProblems = (text: string): string[] =>
  check(text, 63, labelValue, LABEL_VALUE_TEXT);

/** Port numbers. */
export const portProblems = (port: number): string[] =>
  Number.isInteger(port) && port >= 1 && port <= 65_535
    ? []
    : ['must be between 1 and 65535, inclusive'];

/** Named ports: an IANA service name. */
export function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name !== '' && (name.startsWith('-') || name.endsWith('-'))) {
    problems.push('must not begin or end with a hyphen');
  }
  return problems;
}

/** Environment variable names, as 1.30 has them (a relaxed form is behind a gate there). */
export function envVarNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
    problems.push(
      regexText(
        'a valid environment variable name must consist of alphabetic characters, ' +
          "digits, '_', '-', or '.', and must not start with a digit",
        '[-._a-zA-Z][-._a-zA-Z0-9]*',
        'my.env-name',
        'MY_ENV.NAME',
        'MyEnvName1',
      ),
    );
  }
  if (name === '.') problems.push("must not be '.'");
  else if (name === '..') problems.push("must not be '..'");
  else if (name.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}
