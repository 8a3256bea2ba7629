import { UserError } from '@slipway/kernel';
import { resolve } from '../expressions/evaluate.ts';
import type { Scope } from '../expressions/scope.ts';
import type { InputDeclaration } from '../workflow/model.ts';

/**
 * The context `inputs`: typed, with defaults. @param text whether booleans and numbers come as text, as those of a
 * dispatch do. @throws UserError for what is unknown, missing or of the wrong type.
 */
export function readInputs(
  declared: ReadonlyMap<string, InputDeclaration>,
  given: Readonly<Record<string, unknown>>,
  scope: Scope,
  where: string,
  text: boolean,
): Record<string, unknown> {
  const names = new Map([...declared.keys()].map((name) => [name.toLowerCase(), name]));
  const said = new Map<string, unknown>();
  for (const [name, value] of Object.entries(given)) {
    const known = names.get(name.toLowerCase());
    if (!known)
      throw new UserError(`${where}: Invalid input, ${name} is not defined in the referenced workflow.`);
    said.set(known, value);
  }
  const read = (name: string, declaration: InputDeclaration): unknown => {
    if (said.has(name)) return typed(name, declaration, said.get(name), where, text);
    if (declaration.required) {
      throw new UserError(`${where}: Input ${name} is required, but not provided while calling.`);
    }
    const standard = resolve(declaration.default, scope);
    return standard === undefined || standard === null
      ? emptyOf(declaration)
      : typed(name, declaration, standard, where, text);
  };
  return Object.fromEntries([...declared].map(([name, declaration]) => [name, read(name, declaration)]));
}

function emptyOf({ type, options }: InputDeclaration): unknown {
  if (type === 'boolean') return false;
  if (type === 'number') return 0;
  return type === 'choice' ? (options[0] ?? '') : '';
}

function typed(
  name: string,
  declared: InputDeclaration,
  value: unknown,
  where: string,
  text: boolean,
): unknown {
  const { type, options } = declared;
  const refuse = (expected: string): never => {
    throw new UserError(`${where}: input ${name} must be ${expected}, found ${JSON.stringify(value)}`);
  };
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    if (text && /^(?:true|false)$/i.test(String(value))) return String(value).toLowerCase() === 'true';
    return refuse('a boolean');
  }
  if (type === 'number') {
    if (typeof value === 'number') return value;
    if (text && String(value).trim() !== '' && Number.isFinite(Number(value))) return Number(value);
    return refuse('a number');
  }
  if (typeof value === 'object' && value !== null) return refuse('text');
  const said = value === null || value === undefined ? '' : String(value);
  return type === 'choice' && !options.includes(said) ? refuse(`one of ${options.join(', ')}`) : said;
}
