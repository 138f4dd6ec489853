// Makes of one rolled-up declaration file what a user should see of it: lib/ has classes in layers, one a file (ADR 18),
// and exports some classes as types alone. Here a layer that is not exported goes into the class that extends it, and a
// class that is a type alone becomes an interface, so that no `new` and no `instanceof` compiles that would not run.
import { createRequire } from 'node:module';

// TypeScript 7 has no such interface; API Extractor brings one that has.
const ts = createRequire(createRequire(import.meta.url).resolve('@microsoft/api-extractor'))('typescript');

const parse = (text) => ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.Latest, true);

/** The names that an index exports as types alone. */
export function typeOnlyExports(index) {
  const names = new Set();
  for (const statement of parse(index).statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
    for (const specifier of statement.exportClause.elements)
      if (statement.isTypeOnly || specifier.isTypeOnly) names.add(specifier.name.text);
  }
  return names;
}

function identifiers(root) {
  const found = [];
  const visit = (node) => {
    if (ts.isIdentifier(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** A name like one of lib.dom's was numbered; within a module nothing is in its way. */
function withOwnNames(text) {
  const file = parse(text);
  const renamed = new Map();
  const edits = [];
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause?.elements.length) continue;
    for (const { propertyName, name } of statement.exportClause.elements) renamed.set(propertyName.text, name.text);
    edits.push([statement.getStart(), statement.end, '']);
  }
  const taken = new Set(renamed.values());
  for (const identifier of identifiers(file)) {
    if (identifier.parent.parent?.kind === ts.SyntaxKind.NamedExports || ts.isExportSpecifier(identifier.parent))
      continue;
    if (taken.has(identifier.text) && !isMemberName(identifier))
      throw new Error(`the declarations use the global ${identifier.text}, which an export of that name would hide`);
    const name = renamed.get(identifier.text);
    if (name === undefined) continue;
    const declares = ts.isClassDeclaration(identifier.parent) && identifier.parent.name === identifier;
    if (declares) edits.push([identifier.parent.getStart(), identifier.parent.getStart(), 'export ']);
    edits.push([identifier.getStart(), identifier.end, name]);
  }
  return edited(text, edits);
}

function isMemberName({ parent }) {
  return ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isParameter(parent);
}

function edited(text, edits) {
  return edits
    .sort(([a], [b]) => b - a)
    .reduce((now, [from, to, put]) => now.slice(0, from) + put + now.slice(to), text);
}

const has = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
const isExported = (node) => has(node, ts.SyntaxKind.ExportKeyword);
const whole = (node) => node.getSourceFile().text.slice(node.getStart(undefined, true), node.end);
const docOf = (node) => node.getSourceFile().text.slice(node.getStart(undefined, true), node.getStart());
const nameOf = (member) =>
  `${has(member, ts.SyntaxKind.StaticKeyword) ? 'static ' : ''}${member.name?.getText() ?? 'constructor'}`;
const clause = (node, token) => node.heritageClauses?.find((heritage) => heritage.token === token)?.types ?? [];

/** All that a class has: its members, those of the layers below, what is below them, and what it implements. */
function flatten(node, layers) {
  const [parent] = clause(node, ts.SyntaxKind.ExtendsKeyword);
  const promises = clause(node, ts.SyntaxKind.ImplementsKeyword).map((type) => type.getText());
  const layer = parent && layers.get(parent.expression.getText());
  if (layer === undefined) return { members: [...node.members], parent: parent?.getText(), promises };
  const given = (parent.typeArguments ?? []).map((type) => type.getText()).join();
  const taken = (layer.typeParameters ?? []).map((parameter) => parameter.name.text).join();
  if (given !== taken)
    throw new Error(`${node.name.text} extends ${layer.name.text}<${given}>: call its parameters <${taken}> there too`);
  const below = flatten(layer, layers);
  const own = new Set(node.members.map(nameOf));
  return {
    members: [
      ...node.members,
      ...below.members.filter((member) => !own.has(nameOf(member)) && !ts.isConstructorDeclaration(member)),
    ],
    parent: below.parent,
    promises: [...new Set([...promises, ...below.promises])],
  };
}

function toInterfaceMember(member, settable) {
  const name = member.name?.getText();
  if (name === undefined || name.startsWith('#')) return undefined;
  if (has(member, ts.SyntaxKind.StaticKeyword) || has(member, ts.SyntaxKind.ProtectedKeyword)) return undefined;
  if (ts.isSetAccessor(member)) return undefined;
  if (ts.isMethodDeclaration(member)) return whole(member);
  const fixed = ts.isGetAccessor(member) ? !settable.has(name) : has(member, ts.SyntaxKind.ReadonlyKeyword);
  const type = member.type?.getText() ?? member.initializer?.getText();
  if (type === undefined) throw new Error(`${member.parent.name.text}.${name} has no type`);
  return `${docOf(member)}${fixed ? 'readonly ' : ''}${name}${member.questionToken ? '?' : ''}: ${type};`;
}

function render(node, layers, isType) {
  const { members, parent, promises } = flatten(node, layers);
  const parameters = node.typeParameters ? `<${node.typeParameters.map((type) => type.getText()).join(', ')}>` : '';
  const settable = new Set(members.filter(ts.isSetAccessor).map((member) => member.name.getText()));
  const lines = isType
    ? members.map((member) => toInterfaceMember(member, settable)).filter((line) => line !== undefined)
    : members.map(whole);
  const bases = [parent, ...(isType ? promises : [])].filter((base) => base !== undefined);
  const heritage =
    (bases.length > 0 ? ` extends ${bases.join(', ')}` : '') +
    (!isType && promises.length > 0 ? ` implements ${promises.join(', ')}` : '');
  const body = [...new Set(lines)].map((line) => `    ${line}\n`).join('');
  return `${docOf(node)}export declare ${isType ? 'interface' : 'class'} ${node.name.text}${parameters}${heritage} {\n${body}}`;
}

/** `text` is one declaration file, `types` the names that are exported as types alone. */
export function flatDeclarations(text, types) {
  const rolled = withOwnNames(text);
  const file = parse(rolled);
  const classes = file.statements.filter(ts.isClassDeclaration);
  const layers = new Map(classes.filter((node) => !isExported(node)).map((node) => [node.name.text, node]));
  const edits = classes.map((node) => [
    node.getStart(undefined, true),
    node.end,
    isExported(node) ? render(node, layers, types.has(node.name.text)) : '',
  ]);
  return `${edited(rolled, edits)
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
