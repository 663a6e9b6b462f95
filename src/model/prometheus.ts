/**
 * model/prometheus — a measured value with its labels, and the text in which Prometheus reads them.
 *
 * Source: Prometheus exposition formats, text format 0.0.4.
 */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

const escaped = (text: string): string => text.replace(/[\\"\n]/g, (char) => ESCAPES[char]!);

function sampleLine({ name, labels, value }: Metric): string {
  let inside = '';
  for (const label in labels) {
    if (inside !== '') inside += ',';
    inside += `${label}="${escaped(labels[label]!)}"`;
  }
  return inside === '' ? `${name} ${value}` : `${name}{${inside}} ${value}`;
}

/**
 * The text of the metrics, those of one name together in the order in which they come.
 *
 * @param help  what a metric of that name counts
 */
export function metricsText(
  metrics: Iterable<Metric>,
  help: Readonly<Record<string, string>> = {},
): string {
  const families = new Map<string, string[]>();
  for (const metric of metrics) {
    let lines = families.get(metric.name);
    if (lines === undefined) {
      const { name, type } = metric;
      const about = Object.hasOwn(help, name) ? [`# HELP ${name} ${help[name]}`] : [];
      lines = [...about, `# TYPE ${name} ${type}`];
      families.set(name, lines);
    }
    lines.push(sampleLine(metric));
  }
  let text = '';
  for (const lines of families.values()) text += `${lines.join('\n')}\n`;
  return text;
}
