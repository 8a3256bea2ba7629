export const id = 943;
export const ids = [943];
export const modules = {

/***/ 6943:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  describeLocks: () => (/* binding */ describeLocks),
  readDownFile: () => (/* binding */ readDownFile),
  readFiles: () => (/* binding */ readFiles)
});

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var src_errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/sql/src/syntax/blanks.ts
var blanks = __webpack_require__(7159);
// EXTERNAL MODULE: ./packages/sql/src/syntax/text.ts
var syntax_text = __webpack_require__(8559);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:module"
var external_node_module_ = __webpack_require__(1376);
// EXTERNAL MODULE: external "node:v8"
var external_node_v8_ = __webpack_require__(8877);
;// CONCATENATED MODULE: ./packages/sql/src/syntax/wasm.ts



/**
 * Keeps V8 from compiling WebAssembly a second time, optimised. It would do so during the first few texts, and the
 * parser's one big function (yyparse) alone costs it 600 MB and 0.4 s, which pay off after some 30,000 statements only.
 * Both flags are documented by V8, and read when a module is compiled. A Node that does not know one of them prints
 * `Error: unrecognized flag` and continues.
 */
function compileOnce() {
    (0,external_node_v8_.setFlagsFromString)('--no-wasm-tier-up');
    (0,external_node_v8_.setFlagsFromString)('--no-wasm-dynamic-tiering');
}
/**
 * Loads the WebAssembly of libpg-query. `imports` in package.json says where it is: here in the npm package, in a bundle
 * next to it (scripts/build.ts). The package's own wrapper loads the file when it is imported, from a folder that cannot
 * be chosen.
 */
async function loadWasm() {
    const require = (0,external_node_module_.createRequire)(import.meta.url);
    // Read at once, since V8 compiles on other threads while this one continues.
    const bytes = (0,external_node_fs_.readFileSync)(require.resolve('#libpg-query.wasm'));
    compileOnce();
    // @ts-expect-error The package has types for its wrapper only.
    const module = await __webpack_require__.e(/* import() */ 995).then(__webpack_require__.t.bind(__webpack_require__, 3995, 23));
    // It asks for its folder although it gets the bytes; an ES module, as which it is bundled, has no __dirname.
    const scope = globalThis;
    scope.__dirname = '';
    try {
        return await module.default({
            instantiateWasm(imports, done) {
                void WebAssembly.instantiate(bytes, imports).then(({ instance }) => done(instance));
                return {};
            },
        });
    }
    finally {
        delete scope.__dirname;
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/grammar.ts




let loading;
/**
 * Loads the parser once (15 ms) for the whole process, on the first call. A caller that will need it later can call this
 * early without waiting: other threads do most of the work.
 */
function loadGrammar() {
    loading ??= loadWasm().then((module) => ({
        parse: (sql) => parse(module, sql),
        parseBlock: (sql) => parseBlock(module, sql),
    }));
    return loading;
}
function withText(module, text, use) {
    const bytes = Buffer.byteLength(text);
    const pointer = module._malloc(bytes + 1);
    try {
        module.stringToUTF8(text, pointer, bytes + 1);
        return use(pointer, bytes);
    }
    finally {
        module._free(pointer);
    }
}
/** A failed assertion of the C code, or a lack of memory, becomes whatever Emscripten throws. */
function guarded(call) {
    try {
        return call();
    }
    catch (cause) {
        throw new src_errors/* Fault */.vC("PostgreSQL's parser failed", {
            cause,
            hint: 'It has 1 GB of memory: split a statement of many megabytes. Otherwise report the text as a fault.',
        });
    }
}
/** PgQueryParseResult is { tree, stderr, error }, PgQueryError { message, function, file, line, position, context }. */
function parse(module, sql) {
    // C strings end at a NUL: text after it would pass unread.
    const nul = sql.indexOf('\0');
    if (nul >= 0)
        return { ok: false, problem: { offset: nul, message: 'the text contains a NUL byte' } };
    return withText(module, sql, (pointer, bytes) => {
        const result = guarded(() => module._wasm_parse_query_raw(pointer));
        /** Of a C struct of pointers and integers; 0 is NULL. */
        const field = (struct, index) => module.getValue(struct + index * 4, 'i32');
        try {
            const error = field(result, 2);
            if (error === 0) {
                const tree = JSON.parse(module.UTF8ToString(field(result, 0)));
                return { ok: true, statements: statementsOf(sql, bytes, tree) };
            }
            const message = module.UTF8ToString(field(error, 0));
            const characters = Math.max(field(error, 4) - 1, 0);
            return { ok: false, problem: { offset: (0,syntax_text/* charactersToIndex */.O)(sql, characters), message } };
        }
        finally {
            module._wasm_free_parse_result(result);
        }
    });
}
/** @param length Of the text, in bytes. */
function statementsOf(sql, length, { stmts = [] }) {
    const toUnit = length === sql.length ? (byte) => byte : unitsOf(sql);
    return stmts.map(({ stmt = {}, stmt_location: from = 0, stmt_len: bytes = length - from }) => {
        const [tag = ''] = Object.keys(stmt);
        const start = toUnit(from);
        const end = toUnit(from + bytes);
        // PostgreSQL counts the blanks and comments before a statement to it.
        const offset = (0,blanks/* afterBlanks */.kE)(sql, start);
        return { tag, node: stmt[tag], offset, end: (0,blanks/* beforeBlanks */.nF)(sql, end) };
    });
}
/** Converts byte indexes to indexes of UTF-16 units, in ascending order. */
function unitsOf(sql) {
    const bytes = Buffer.from(sql);
    let [byte, unit] = [0, 0];
    return (until) => {
        unit += bytes.toString('utf8', byte, until).length;
        byte = until;
        return unit;
    };
}
function parseBlock(module, sql) {
    return withText(module, sql, (pointer) => {
        const result = guarded(() => module._wasm_parse_plpgsql(pointer));
        try {
            const text = module.UTF8ToString(result);
            return text.startsWith('{') ? JSON.parse(text) : null;
        }
        finally {
            module._wasm_free_string(result);
        }
    });
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/location.ts
/** Finds locations in one text and counts its lines only once. */
function createLocator(text) {
    let starts;
    return (offset) => {
        starts ??= lineStarts(text);
        const line = lineAt(starts, offset);
        return { line, column: offset - starts[line - 1] + 1 };
    };
}
function lineStarts(text) {
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
        starts.push(at + 1);
    return starts;
}
/** By bisection, since a file of data has very many lines. */
function lineAt(starts, offset) {
    let [low, high] = [0, starts.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (starts[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// EXTERNAL MODULE: ./packages/sql/src/syntax/quote-sql.ts
var quote_sql = __webpack_require__(9275);
// EXTERNAL MODULE: ./packages/sql/src/syntax/lexer.ts
var syntax_lexer = __webpack_require__(3216);
;// CONCATENATED MODULE: ./packages/sql/src/lint/clauses.ts


/** The name in `ALTER TABLE IF EXISTS ONLY "a".b *`, and everything before it. */
const head = /^\s*alter\s+(?:foreign\s+)?table\s+(?:if\s+exists\s+)?(?:only\s+)?(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))*\s*\*?\s*/i;
/** The subcommands of an ALTER TABLE, as the user wrote them. PostgreSQL's parse tree does not contain most of them. */
function alterClauses(statement) {
    const start = head.exec(statement)?.[0].length ?? 0;
    return splitAtCommas(statement, start);
}
/** Cuts at commas outside of parentheses, strings and comments. */
function splitAtCommas(text, from = 0) {
    const clauses = [];
    const lexer = new syntax_lexer/* Lexer */.J(text, from);
    let [begin, depth] = [from, 0];
    const cut = (end) => {
        const offset = Math.min((0,blanks/* afterBlanks */.kE)(text, begin), end);
        clauses.push({ text: text.slice(offset, end).trimEnd(), offset });
        begin = end + 1;
    };
    while (lexer.next()) {
        if (lexer.kind !== 'mark')
            continue;
        const mark = text[lexer.start];
        if ('(['.includes(mark))
            depth++;
        else if (')]'.includes(mark))
            depth--;
        else if (mark === ',' && depth === 0)
            cut(lexer.start);
    }
    cut(text.length);
    return clauses;
}

// EXTERNAL MODULE: ./packages/sql/src/lint/names.ts
var lint_names = __webpack_require__(7944);
;// CONCATENATED MODULE: ./packages/sql/src/lint/ast.ts


/** Of the statement that was asked of last: all rules ask of one, then of the next. */
let known;
/** The subcommands of an ALTER TABLE; none of another statement, of an index or of a view. */
function alterations(statement) {
    if (statement.tag !== 'AlterTableStmt')
        return none;
    if (known?.statement !== statement)
        known = { statement, found: readAlterations(statement) };
    return known.found;
}
const none = [];
function readAlterations(statement) {
    const { relation, cmds = [], objtype } = statement.node;
    if (!relation || (objtype !== 'OBJECT_TABLE' && objtype !== 'OBJECT_FOREIGN_TABLE'))
        return [];
    const clauses = alterClauses(statement.text);
    const fits = clauses.length === cmds.length;
    return cmds.flatMap((node, index) => {
        if (!('AlterTableCmd' in node))
            return [];
        const cmd = node.AlterTableCmd;
        const clause = fits ? clauses[index] : undefined;
        return [
            {
                table: relation,
                cmd,
                column: cmd.def && 'ColumnDef' in cmd.def ? cmd.def.ColumnDef : undefined,
                constraint: cmd.def && 'Constraint' in cmd.def ? cmd.def.Constraint : undefined,
                text: clause?.text ?? '…',
                offset: statement.offset + (clause?.offset ?? 0),
            },
        ];
    });
}
/** The tables of a list that may hold other things. */
function ranges(nodes = []) {
    return nodes.flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
}
/** What follows the type of a column. */
function constraintsOf({ constraints = [] }) {
    return constraints.flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}
function hasConstraint(column, ...types) {
    return constraintsOf(column).some(({ contype }) => contype !== undefined && types.includes(contype));
}
/** The DEFAULT of a column; `DEFAULT NULL` is none. */
function defaultOf(column) {
    const expression = constraintsOf(column).find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
    const bare = expression && uncast(expression);
    return bare && 'A_Const' in bare && bare.A_Const.isnull ? undefined : expression;
}
/** The expression of `…::type`. */
function uncast(node) {
    return 'TypeCast' in node && node.TypeCast.arg ? uncast(node.TypeCast.arg) : node;
}
/** Whether a type is one of the serials, which are a default of nextval() in disguise. */
function isSerial({ typeName }) {
    return /^(?:small|big)?serial[248]?$/.test((0,lint_names/* strings */.P$)(typeName?.names).at(-1) ?? '');
}
/** The objects that a DROP names; of triggers, rules and policies the table comes before the name. */
function droppedNames(objects = []) {
    return objects.map((node) => {
        if ('List' in node)
            return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(node.List.items));
        if ('TypeName' in node)
            return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(node.TypeName.names));
        if ('ObjectWithArgs' in node)
            return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(node.ObjectWithArgs.objname));
        return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)([node]));
    });
}
/** Visits every node of a tree under its name, outside in. */
function walk(tree, visit) {
    if (Array.isArray(tree)) {
        for (const one of tree)
            walk(one, visit);
    }
    else if (typeof tree === 'object' && tree !== null) {
        // What JSON.parse made has no other properties than its own.
        for (const name in tree) {
            const value = tree[name];
            if (typeof value !== 'object' || value === null)
                continue;
            if (!Array.isArray(value))
                visit(name, value);
            walk(value, visit);
        }
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/row-changes.ts


/** Statements that change rows when they run; in the body of a function or rule they only might, later. */
const changingRows = [
    'SelectStmt',
    'InsertStmt',
    'UpdateStmt',
    'DeleteStmt',
    'MergeStmt',
    'CreateTableAsStmt',
    'CopyStmt',
];
/** Of the node that was asked of last: several rules ask, and the many INSERTs of a file of data share theirs. */
let changed;
/** The row changes of a statement, also those inside WITH. */
function rowChanges({ tag, node }) {
    if (!changingRows.includes(tag))
        return [];
    if (changed?.node !== node)
        changed = { node, found: readRowChanges(tag, node) };
    return changed.found;
}
const changing = new Set(['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt']);
function readRowChanges(tag, node) {
    const found = [];
    walk({ [tag]: node }, (name, value) => {
        if (!changing.has(name))
            return;
        const { relation: table, ...body } = value;
        if (!table)
            return;
        const limited = 'whereClause' in body && truthOf(body.whereClause) !== true;
        if (name === 'UpdateStmt')
            found.push({ table, what: 'UPDATE', limited });
        if (name === 'DeleteStmt')
            found.push({ table, what: 'DELETE', limited });
        if (name === 'InsertStmt')
            found.push({ table, what: 'INSERT', limited: false });
        if (name === 'InsertStmt' && /ONCONFLICT_UPDATE/.test(JSON.stringify(body.onConflictClause ?? '')))
            found.push({ table, what: 'UPDATE', limited: true });
        if (name === 'MergeStmt')
            found.push(...mergeChanges(table, body));
    });
    return found;
}
function mergeChanges(table, { mergeWhenClauses = [], joinCondition }) {
    const clauses = mergeWhenClauses.flatMap((node) => 'MergeWhenClause' in node ? [node.MergeWhenClause] : []);
    const joined = joinCondition && truthOf(joinCondition);
    const all = clauses.filter((clause) => reachesAll(clause, clauses, joined));
    return ['UPDATE', 'DELETE', 'INSERT'].flatMap((what) => {
        const isMeant = ({ commandType }) => commandType === `CMD_${what}`;
        const limited = what !== 'INSERT' && !all.some(isMeant);
        return clauses.some(isMeant) ? [{ table, what, limited }] : [];
    });
}
/** Whether no condition keeps any row of the table from a WHEN clause, and none before it lets rows be. */
function reachesAll({ matchKind, condition }, clauses, joined) {
    const matches = (matchKind === 'MERGE_WHEN_MATCHED' && joined === true) ||
        (matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE' && joined === false);
    return (matches &&
        condition === undefined &&
        !clauses.some((one) => one.matchKind === matchKind && one.commandType === 'CMD_NOTHING'));
}
/** Of a condition that is always the same: `true`, `1 = 1`, `1 = 0`. */
function truthOf(condition) {
    if ('A_Const' in condition)
        return condition.A_Const.boolval && condition.A_Const.boolval.boolval === true;
    if (!('A_Expr' in condition))
        return undefined;
    const { kind, name, lexpr, rexpr } = condition.A_Expr;
    if (kind !== 'AEXPR_OP' || (0,lint_names/* strings */.P$)(name).join('.') !== '=')
        return undefined;
    const [left, right] = [integerOf(lexpr), integerOf(rexpr)];
    return left === undefined || right === undefined ? undefined : left === right;
}
function integerOf(node) {
    if (!node || !('A_Const' in node) || !node.A_Const.ival)
        return undefined;
    return node.A_Const.ival.ival ?? 0;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/append-only.ts




const append_only_changing = {
    AT_AlterColumnType: 'changes a column of',
    AT_DropColumn: 'drops a column of',
    AT_DisableTrig: 'disables a trigger on',
    AT_DisableTrigAll: 'disables the triggers on',
    AT_DisableTrigUser: 'disables the triggers on',
    AT_DisableRule: 'disables a rule on',
    AT_SetUnLogged: 'removes the crash safety of',
};
/**
 * Tables that only grow, such as the events of an event store: every projection, and every consumer that has read
 * them, counts on their never changing.
 * @param tables Names, with a schema or without; without one they are meant in every schema.
 */
function appendOnlyRules(tables) {
    const wanted = tables.map((table) => (0,lint_names/* ofParts */.UW)(table.replaceAll('"', '').split('.')));
    const isMeant = (named, schema) => !schema.created.isNew(named) &&
        wanted.some((one) => one.name === named.name &&
            (one.schema === null || schema.created.keyOf(named) === `${one.schema}.${one.name}`));
    const check = ({ statement, schema }) => touched(statement).flatMap(({ named, does, offset }) => isMeant(named, schema)
        ? [
            {
                offset: offset ?? statement.offset,
                message: `this ${does} ${(0,lint_names/* sqlOf */.IE)(named)}, which only grows: projections and consumers have read the old events, and do not notice the change`,
                remedy: `Append an event that corrects the old one, or translate old events when they are read; rebuild projections from them. ("${(0,quote_sql/* quoteSql */.X)(statement.text, 80)}")`,
            },
        ]
        : []);
    const on = wanted.length > 0 ? touchingTags : [];
    return [{ name: 'append-only', level: 'error', on, check }];
}
const touchingTags = ['TruncateStmt', 'DropStmt', 'AlterTableStmt', ...changingRows];
function touched(statement) {
    if (statement.tag === 'TruncateStmt')
        return (statement.node.relations ?? []).flatMap((node) => 'RangeVar' in node ? [{ named: (0,lint_names/* ofRange */.xq)(node.RangeVar), does: 'empties' }] : []);
    if (statement.tag === 'DropStmt')
        return droppedFrom(statement.node);
    if (statement.tag === 'AlterTableStmt')
        return alterations(statement).flatMap(({ cmd, table, offset }) => {
            const does = append_only_changing[cmd.subtype ?? ''];
            return does ? [{ named: (0,lint_names/* ofRange */.xq)(table), does, offset }] : [];
        });
    return rowChanges(statement).flatMap(({ table, what }) => what === 'INSERT'
        ? []
        : [{ named: (0,lint_names/* ofRange */.xq)(table), does: what === 'UPDATE' ? 'changes rows of' : 'deletes rows of' }]);
}
function droppedFrom({ objects = [], removeType, }) {
    if (removeType === 'OBJECT_TABLE')
        return droppedNames(objects).map((named) => ({ named, does: 'drops' }));
    if (removeType !== 'OBJECT_TRIGGER' && removeType !== 'OBJECT_RULE')
        return [];
    return objects.flatMap((node) => 'List' in node
        ? [{ named: (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(node.List.items).slice(0, -1)), does: 'drops a trigger of' }]
        : []);
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/blocks.ts
/** What cannot be looked into. */
const blockRules = [{ name: 'hidden-sql', level: 'info', on: ['DoStmt'], check: blocks_hidden }];
function blocks_hidden({ statement }) {
    if (statement.tag !== 'DoStmt' || statement.inside?.hidden === false)
        return [];
    return [
        {
            offset: statement.offset,
            message: 'this DO block builds statements while it runs: the locks that they take are unknown in advance',
            remedy: 'Write the statements out where you can; what is written out in a DO block is checked like any other.',
        },
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/volatility.ts


/** Built-in functions that a default may call without making PostgreSQL rewrite the table (pg_proc.provolatile). */
const steady = new Set(('now transaction_timestamp statement_timestamp current_setting current_user session_user current_schema ' +
    'current_database version pg_backend_pid txid_current_snapshot pg_current_snapshot ' +
    'abs ceil ceiling floor round trunc sign sqrt power mod div exp ln log pi ' +
    'lower upper initcap length char_length octet_length btrim ltrim rtrim lpad rpad replace repeat reverse ' +
    'left right substr substring position overlay concat concat_ws format split_part strpos translate chr ascii ' +
    'md5 sha224 sha256 sha384 sha512 encode decode to_hex convert_to convert_from quote_ident quote_literal ' +
    'to_char to_date to_number to_timestamp date date_part date_trunc date_bin extract age make_date make_time ' +
    'make_timestamp make_timestamptz make_interval justify_days justify_hours justify_interval timezone ' +
    'array_append array_cat array_fill array_length array_prepend array_remove array_to_string string_to_array ' +
    'cardinality unnest json_build_array json_build_object jsonb_build_array jsonb_build_object to_json to_jsonb ' +
    'row_to_json jsonb_set jsonb_insert jsonb_strip_nulls json_object jsonb_object array_to_json ' +
    'to_tsvector to_tsquery plainto_tsquery setweight int4range int8range numrange tsrange tstzrange daterange ' +
    'point box circle line lseg polygon host network ' +
    'numeric float8 bool txid_current pg_typeof enum_first enum_last enum_range set_bit get_bit').split(' '));
/** Those of them that take nothing: with an argument it is somebody else's function. */
const bare = new Set([
    'now',
    'transaction_timestamp',
    'statement_timestamp',
    'current_database',
    'current_schema',
    'current_user',
    'session_user',
    'version',
    'pi',
    'txid_current',
]);
/** Built-in or well-known functions that are VOLATILE; used for the wording only. */
const volatility_volatile = /^(?:gen_random_uuid|random|random_normal|clock_timestamp|timeofday|nextval|currval|lastval|setval|uuid_generate_v[14]\w*|uuidv[47]|gen_random_bytes|gen_salt|pg_sleep)$/;
/**
 * The first call in a default that keeps PostgreSQL from storing one value for all old rows (ATExecAddColumn asks
 * contain_volatile_functions). A function that is neither built in nor created by the files counts as volatile, which is what
 * CREATE FUNCTION says when nothing is said.
 */
function volatileCall(expression, created) {
    let found;
    walk({ expression }, (node, value) => {
        if (node !== 'FuncCall' || found)
            return;
        const { funcname, args = [] } = value;
        const parts = (0,lint_names/* strings */.P$)(funcname);
        const name = parts.at(-1) ?? '';
        const own = created.get(name);
        if (own !== undefined ? own !== 'volatile' : isSteady(parts, args.length))
            return;
        found = { name, known: own !== undefined || volatility_volatile.test(name) };
    });
    return found;
}
function isSteady(parts, args) {
    const builtIn = parts.length === 1 || parts[0] === 'pg_catalog';
    const name = parts.at(-1) ?? '';
    return builtIn && steady.has(name) && (args === 0 || !bare.has(name));
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/widening.ts
/** The names that the grammar and `format_type` have for one type. */
const aliases = {
    'character varying': 'varchar',
    'bit varying': 'varbit',
    decimal: 'numeric',
    'timestamp without time zone': 'timestamp',
    'timestamp with time zone': 'timestamptz',
    'time without time zone': 'time',
    'time with time zone': 'timetz',
    integer: 'int4',
    int: 'int4',
    bigint: 'int8',
    smallint: 'int2',
    boolean: 'bool',
    character: 'bpchar',
};
function read(text) {
    const modifiers = /\(([\d,\s-]*)\)/.exec(text)?.[1] ?? '';
    const array = /(?:\[\])+$/.exec(text)?.[0] ?? '';
    const bare = text
        .replace(/\([^)]*\)/, '')
        .replace(/(?:\[\])+$/, '')
        .replace(/\s+/g, ' ')
        .trim()
        .replace(/^.*\./, '');
    return {
        name: aliases[bare] ?? bare,
        modifiers: modifiers.split(',').filter(Boolean).map(Number),
        array,
    };
}
/** Casts of pg_cast without a function. Between the timestamps it depends on the session, so they are not here. */
const coercible = {
    varchar: ['text'],
    text: ['varchar'],
    xml: ['text', 'varchar'],
    cidr: ['inet'],
    bit: ['varbit'],
};
/**
 * Whether a change of type needs neither a rewrite nor a scan: the binary coercible casts, and length coercions that
 * the planner's support functions remove (varchar_support, numeric_support, varbit_support, TemporalSimplify).
 * @param before As `format_type` writes it. @param after As the grammar names it.
 */
function isWidening(before, after) {
    const [from, to] = [read(before), read(after)];
    if (from.array !== to.array)
        return false;
    if (from.name === to.name && to.modifiers.join() === from.modifiers.join())
        return true;
    if (from.array !== '')
        return false;
    if (from.name === to.name)
        return isLonger(from, to);
    return (coercible[from.name] ?? []).includes(to.name) && to.modifiers.length === 0;
}
function isLonger(from, to) {
    const [maxLength = Number.POSITIVE_INFINITY, scale = 0] = from.modifiers;
    const [more = Number.POSITIVE_INFINITY, otherScale = 0] = to.modifiers;
    if (from.name === 'numeric')
        return more >= maxLength && (to.modifiers.length === 0 || scale === otherScale);
    if (['timestamp', 'timestamptz', 'time', 'timetz'].includes(from.name))
        // Without a modifier they keep six digits.
        return Math.min(more, 6) >= Math.min(maxLength, 6);
    if (from.name === 'interval')
        return to.modifiers.length === 0;
    return (from.name === 'varchar' || from.name === 'varbit') && more >= maxLength;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/columns.ts





/** New columns and changes of columns that read or rewrite the table (manual, ALTER TABLE, notes). */
const columnRules = [
    {
        name: 'add-column-volatile-default',
        level: 'error',
        on: ['AlterTableStmt'],
        check: each(volatileDefault),
    },
    { name: 'add-column-rewrite', level: 'error', on: ['AlterTableStmt'], check: each(rewritingColumn) },
    { name: 'add-column-required', level: 'error', on: ['AlterTableStmt'], check: each(requiredColumn) },
    { name: 'set-not-null', level: 'error', on: ['AlterTableStmt'], check: each(setNotNull) },
    { name: 'change-type', level: 'error', on: ['AlterTableStmt'], check: each(changeType) },
];
/** A rule over the subcommands of ALTER TABLE on tables that the files did not create themselves. */
function each(find) {
    return ({ alterations, schema }) => alterations.flatMap((it) => {
        const found = find(it, schema);
        return found ? [{ offset: it.offset, ...found }] : [];
    });
}
function volatileDefault({ cmd, table, column }, schema) {
    if (cmd.subtype !== 'AT_AddColumn' || !column)
        return undefined;
    const expression = defaultOf(column);
    const call = expression && volatileCall(expression, schema.created.functions);
    if (!call)
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(column.colname ?? '')];
    const doubt = call.known ? 'is volatile' : 'is not known to be STABLE or IMMUTABLE';
    return {
        message: `the default of ${c} calls ${call.name}(), which ${doubt}: PostgreSQL rewrites ${t} row by row under ACCESS EXCLUSIVE, and nobody can read it until that is done`,
        remedy: `ALTER TABLE ${t} ADD COLUMN ${c} ${typeOf(column)}; ALTER TABLE ${t} ALTER COLUMN ${c} SET DEFAULT ${call.name}(…); then fill the old rows in batches.`,
    };
}
function typeOf({ typeName }) {
    return typeName ? (0,lint_names/* typeText */.wQ)(typeName) : '…';
}
function rewritingColumn({ cmd, table, column }) {
    if (cmd.subtype !== 'AT_AddColumn' || !column)
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(column.colname ?? '')];
    const stored = constraintsOf(column).some(
    // A virtual column (PostgreSQL 18) is computed when it is read.
    ({ contype, generated_kind }) => contype === 'CONSTR_GENERATED' && generated_kind !== 'v');
    const numbers = isSerial(column) || hasConstraint(column, 'CONSTR_IDENTITY');
    if (!stored && !numbers)
        return undefined;
    const why = stored ? `${c} is computed and stored` : `${c} takes a number from a sequence`;
    return {
        message: `${why} for every existing row: PostgreSQL rewrites ${t} under ACCESS EXCLUSIVE, and nobody can read it until that is done`,
        remedy: stored
            ? `Add ${c} as a plain column, fill it in batches and keep it by a trigger, or compute it in a view.`
            : `ALTER TABLE ${t} ADD COLUMN ${c} bigint; CREATE SEQUENCE ${(0,lint_names/* sqlName */.iA)((0,lint_names/* derivedName */.Pr)(table.relname ?? '', column.colname ?? '', 'seq'))}; ALTER TABLE ${t} ALTER COLUMN ${c} SET DEFAULT nextval(…); then fill the old rows in batches.`,
    };
}
function requiredColumn({ cmd, table, column, text }) {
    if (cmd.subtype !== 'AT_AddColumn' || !column)
        return undefined;
    if (!hasConstraint(column, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY') || defaultOf(column))
        return undefined;
    if (isSerial(column) || hasConstraint(column, 'CONSTR_IDENTITY', 'CONSTR_GENERATED'))
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(column.colname ?? '')];
    return {
        message: `${c} must not be null and has no default: this fails as soon as ${t} has a row, and the running version cannot insert any more, since it does not know ${c}`,
        remedy: `ALTER TABLE ${t} ${(0,quote_sql/* copyableSql */.A)(text)} DEFAULT …; a constant default costs nothing. Or add it without NOT NULL, and require it in a later release.`,
    };
}
function setNotNull({ cmd, table, constraint, text }, schema) {
    const added = cmd.subtype === 'AT_AddConstraint' && constraint?.contype === 'CONSTR_NOTNULL';
    if (added && constraint.skip_validation)
        return undefined;
    if (!added && cmd.subtype !== 'AT_SetNotNull')
        return undefined;
    const key = added && constraint.keys?.[0];
    const column = key && 'String' in key ? (key.String.sval ?? '') : (cmd.name ?? '');
    if (schema.constraints.isNotNull(table, column))
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(column)];
    const name = (0,lint_names/* sqlName */.iA)((0,lint_names/* derivedName */.Pr)(table.relname ?? '', column, 'not_null'));
    return {
        message: `${(0,quote_sql/* copyableSql */.A)(text)} reads all of ${t} under ACCESS EXCLUSIVE to look for nulls: nobody can read or write it until that is done`,
        remedy: `ALTER TABLE ${t} ADD CONSTRAINT ${name} CHECK (${c} IS NOT NULL) NOT VALID; in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name}; ALTER TABLE ${t} ALTER COLUMN ${c} SET NOT NULL; ALTER TABLE ${t} DROP CONSTRAINT ${name};`,
    };
}
function changeType({ cmd, table, column }, schema) {
    if (cmd.subtype !== 'AT_AlterColumnType' || !column?.typeName)
        return undefined;
    const before = schema.factsOf(table)?.columns[cmd.name ?? '']?.type;
    const after = (0,lint_names/* typeText */.wQ)(column.typeName);
    if (before !== undefined && !column.raw_default && isWidening(before, after))
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(cmd.name ?? '')];
    const next = (0,lint_names/* sqlName */.iA)((0,lint_names/* derivedName */.Pr)(cmd.name ?? '', 'new'));
    return {
        message: `changing ${c} ${before ? `from ${before} ` : ''}to ${after} rewrites ${t} and its indexes under ACCESS EXCLUSIVE, and the running version may not understand the new type`,
        remedy: `ALTER TABLE ${t} ADD COLUMN ${next} ${after}; write both columns, fill the old rows in batches, read ${next}, and drop ${c} in a later release.`,
    };
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/contract.ts
/** When what breaks the running version may be done, as the end of a remedy. */
const later = 'in a separate release, once no running program needs it, in a file with "-- slipway: contract"';

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/drop-object.ts



/** What DROP takes away, in words; what is not here (triggers, policies, casts …) no program calls by name. */
const dropped = {
    OBJECT_TABLE: 'table',
    OBJECT_FOREIGN_TABLE: 'table',
    OBJECT_VIEW: 'view',
    OBJECT_MATVIEW: 'materialised view',
    OBJECT_TYPE: 'type',
    OBJECT_DOMAIN: 'domain',
    OBJECT_SCHEMA: 'schema',
    OBJECT_SEQUENCE: 'sequence',
    OBJECT_FUNCTION: 'function',
    OBJECT_PROCEDURE: 'procedure',
    OBJECT_ROUTINE: 'routine',
    OBJECT_AGGREGATE: 'aggregate',
    OBJECT_EXTENSION: 'extension',
};
/** A rule over DROP of tables, or of everything else that programs call by name. */
function drop(which) {
    return (subject) => {
        const { statement, schema } = subject;
        if (statement.tag !== 'DropStmt')
            return [];
        const what = dropped[statement.node.removeType ?? ''];
        if (!what || (what === 'table') !== (which === 'table'))
            return [];
        return droppedNames(statement.node.objects)
            .filter((named) => !isUnused(subject, named, what) && !(what === 'schema' && schema.created.isNewSchema(named.name)))
            .map((named) => ({
            offset: statement.offset,
            message: `the running version may still use the ${what} ${(0,lint_names/* sqlOf */.IE)(named)}: its queries fail from then on${what === 'table' ? ', and no rollback brings the rows back' : ''}`,
            remedy: `First a release whose code does not use ${(0,lint_names/* sqlOf */.IE)(named)}; then drop it ${later}.`,
        }));
    };
}
/** Created by the files themselves, or, of what holds no rows, created again further down in the same file. */
function isUnused({ statement, script, schema }, named, what) {
    if (schema.created.isNew(named) ||
        (/function|procedure|routine/.test(what) && schema.created.functions.has(named.name)))
        return true;
    if (what === 'table' || what === 'sequence' || what === 'schema')
        return false;
    const key = schema.created.keyOf(named);
    return script.statements.some((one) => one.offset > statement.offset && made(one, schema) === key);
}
function made(statement, schema) {
    if (statement.tag === 'ViewStmt' && statement.node.view)
        return schema.created.keyOf((0,lint_names/* ofRange */.xq)(statement.node.view));
    if (statement.tag === 'CreateTableAsStmt' && statement.node.into?.rel)
        return schema.created.keyOf((0,lint_names/* ofRange */.xq)(statement.node.into.rel));
    if (statement.tag === 'CreateFunctionStmt')
        return schema.created.keyOf((0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(statement.node.funcname)));
    return undefined;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/rename.ts



/** What the running version knows by another name from then on. */
function rename({ statement, script, schema }) {
    const renamed = renaming(statement);
    if (!renamed ||
        schema.created.isNew(renamed.of) ||
        (renamed.schema && schema.created.isNewSchema(renamed.of.name)))
        return [];
    const { what, old, to, of } = renamed;
    // Renamed and at once replaced by a view of the old name, it continues to work for the old version.
    const covered = script.statements.some((one) => one.tag === 'ViewStmt' &&
        one.node.view &&
        schema.created.keyOf((0,lint_names/* ofRange */.xq)(one.node.view)) === schema.created.keyOf(of));
    if (covered && what === 'table')
        return [];
    const copy = what === 'column'
        ? `ALTER TABLE ${(0,lint_names/* sqlOf */.IE)(of)} ADD COLUMN ${to} …; write both, fill the old rows in batches, read ${to}; drop ${old} ${later}.`
        : what === 'table'
            ? `After it, in the same file, CREATE VIEW ${(0,lint_names/* sqlOf */.IE)(of)} AS SELECT * FROM ${to}; and drop the view ${later}.`
            : `Do it ${later}.`;
    return [
        {
            offset: statement.offset,
            message: `the running version knows ${old} and not ${to}: its queries fail from then on, and so do those of a rollback`,
            remedy: copy,
        },
    ];
}
function renaming(statement) {
    if (statement.tag === 'AlterEnumStmt')
        return renamedValue(statement.node);
    if (statement.tag === 'AlterObjectSchemaStmt') {
        const { relation, object, objectType, newschema = '' } = statement.node;
        const of = relation ? (0,lint_names/* ofRange */.xq)(relation) : object ? droppedNames([object])[0] : undefined;
        if (!of || !/TABLE|VIEW|TYPE|DOMAIN|FUNCTION|PROCEDURE|ROUTINE|SEQUENCE/.test(objectType ?? ''))
            return undefined;
        return { what: 'other', of, old: (0,lint_names/* sqlOf */.IE)(of), to: `${(0,lint_names/* sqlName */.iA)(newschema)}.${(0,lint_names/* sqlName */.iA)(of.name)}` };
    }
    if (statement.tag !== 'RenameStmt')
        return undefined;
    const { renameType = '', relation, object, subname = '', newname = '' } = statement.node;
    const to = (0,lint_names/* sqlName */.iA)(newname);
    if (/^OBJECT_(?:COLUMN|ATTRIBUTE)$/.test(renameType) && relation)
        return {
            what: 'column',
            of: (0,lint_names/* ofRange */.xq)(relation),
            old: `${(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(relation))}.${(0,lint_names/* sqlName */.iA)(subname)}`,
            to,
        };
    if (/^OBJECT_(?:TABLE|VIEW|MATVIEW|FOREIGN_TABLE|SEQUENCE)$/.test(renameType) && relation)
        return { what: 'table', of: (0,lint_names/* ofRange */.xq)(relation), old: (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(relation)), to };
    if (renameType === 'OBJECT_SCHEMA')
        return { what: 'other', of: { schema: null, name: subname }, old: (0,lint_names/* sqlName */.iA)(subname), to, schema: true };
    if (/^OBJECT_(?:TYPE|DOMAIN|FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)$/.test(renameType) && object) {
        const [of] = droppedNames([object]);
        return of && { what: 'other', of, old: (0,lint_names/* sqlOf */.IE)(of), to };
    }
    return undefined;
}
function renamedValue({ typeName, oldVal, newVal = '' }) {
    if (oldVal === undefined)
        return undefined;
    const of = (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(typeName));
    return { what: 'other', of, old: `the value '${oldVal}' of ${(0,lint_names/* sqlOf */.IE)(of)}`, to: `'${newVal}'` };
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/breaking.ts





/**
 * What breaks the running version: it uses the old schema until the new one serves, and again after a rollback.
 * Belongs in a separate release, after the last program that needs it is gone: `-- slipway: contract`.
 */
const breakingRules = [
    {
        name: 'rename',
        level: 'error',
        on: ['AlterEnumStmt', 'AlterObjectSchemaStmt', 'RenameStmt'],
        contract: true,
        check: rename,
    },
    { name: 'drop-column', level: 'error', on: ['AlterTableStmt'], contract: true, check: each(dropColumn) },
    { name: 'drop-table', level: 'error', on: ['DropStmt'], contract: true, check: drop('table') },
    { name: 'drop-object', level: 'error', on: ['DropStmt'], contract: true, check: drop('other') },
    { name: 'drop-not-null', level: 'error', on: ['AlterTableStmt'], contract: true, check: each(dropNotNull) },
    { name: 'drop-default', level: 'error', on: ['AlterTableStmt'], contract: true, check: each(dropDefault) },
];
function dropColumn({ cmd, table }) {
    if (cmd.subtype !== 'AT_DropColumn')
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(cmd.name ?? '')];
    return {
        message: `the running version may still read or write ${t}.${c}: its queries fail from then on, and no rollback brings the values back`,
        remedy: `First a release whose code does not use ${c}; then ALTER TABLE ${t} DROP COLUMN ${c}; ${later}.`,
    };
}
function dropNotNull({ cmd, table }) {
    if (cmd.subtype !== 'AT_DropNotNull')
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(cmd.name ?? '')];
    return {
        message: `the running version counts on ${t}.${c} never being null: it fails on the first null that the new one writes`,
        remedy: `First a release whose code reads null in ${c}; then ALTER TABLE ${t} ALTER COLUMN ${c} DROP NOT NULL; ${later}.`,
    };
}
function dropDefault({ cmd, table }, schema) {
    if (cmd.subtype !== 'AT_ColumnDefault' || cmd.def || !schema.constraints.isRequired(table, cmd.name ?? ''))
        return undefined;
    const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlName */.iA)(cmd.name ?? '')];
    return {
        message: `without its default ${t}.${c}, which must not be null, has to be in every INSERT, and the running version does not name it`,
        remedy: `Keep the default until the new version serves; then ALTER TABLE ${t} ALTER COLUMN ${c} DROP DEFAULT; ${later}.`,
    };
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/block.ts
/**
 * Reads a DO block: the statements that are written in it, and those that EXECUTE gets as a plain string. They are taken
 * as if they ran, whatever the conditions around them.
 */
function readBlock({ grammar, read, locate }, block) {
    const content = { statements: [], hidden: false, commits: false };
    const tree = languageOf(block.node) === 'plpgsql' ? grammar.parseBlock(block.text) : null;
    if (tree === null)
        return { ...content, hidden: true };
    let from = 0;
    visit(tree, (name, node) => {
        if (name === 'PLpgSQL_stmt_commit' || name === 'PLpgSQL_stmt_rollback')
            content.commits = true;
        const dynamic = name === 'PLpgSQL_stmt_dynexecute';
        if (!dynamic && name !== 'PLpgSQL_stmt_execsql')
            return;
        const { query = '' } = node[dynamic ? 'query' : 'sqlstmt'].PLpgSQL_expr ?? {};
        const found = block.text.indexOf(query, from);
        if (found >= 0)
            from = found + query.length;
        const sql = dynamic ? literal(grammar, query) : query;
        const parsed = sql === undefined ? undefined : read(sql);
        if (!parsed?.ok)
            content.hidden = true;
        else
            for (const { end, ...one } of parsed.statements) {
                const offset = block.offset + Math.max(found, 0) + (dynamic ? 0 : one.offset);
                const text = sql.slice(one.offset, end);
                content.statements.push({ ...one, text, offset, ...locate(offset) });
            }
    });
    return content;
}
function languageOf({ args = [] }) {
    for (const node of args)
        if ('DefElem' in node && node.DefElem.defname === 'language' && node.DefElem.arg)
            return 'String' in node.DefElem.arg ? (node.DefElem.arg.String.sval ?? '').toLowerCase() : '';
    return 'plpgsql';
}
/** The text of an expression that is one string and nothing else. */
function literal(grammar, expression) {
    const parsed = grammar.parse(`SELECT ${expression}`);
    const [select] = parsed.ok ? parsed.statements : [];
    if (select?.tag !== 'SelectStmt')
        return undefined;
    const [target] = select.node.targetList ?? [];
    const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
    return value && 'A_Const' in value ? value.A_Const.sval?.sval : undefined;
}
function visit(tree, see) {
    if (Array.isArray(tree))
        for (const one of tree)
            visit(one, see);
    else if (typeof tree === 'object' && tree !== null)
        for (const [name, node] of Object.entries(tree)) {
            if (typeof node === 'object' && node !== null && !Array.isArray(node))
                see(name, node);
            visit(node, see);
        }
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/insert-rows.ts

/**
 * Shortens `INSERT INTO … VALUES …` to one row of NULL, whatever the length of the rows. Pure.
 * @returns null for any other statement, for several statements, and where something is never closed.
 */
function withoutRows(sql) {
    const lexer = new syntax_lexer/* Lexer */.J(sql);
    if (!lexer.next() || wordAt(lexer) !== 'insert')
        return null;
    const { start } = lexer;
    if (!skipTo(lexer, 'values'))
        return null;
    const rowsStart = lexer.end;
    const rowsEnd = skipRows(lexer);
    if (rowsEnd === null)
        return null;
    let end = rowsEnd;
    let closed = false;
    // The lexer is at the first token after the rows, or at the end of the text.
    for (let more = lexer.end > rowsEnd; more; more = lexer.next()) {
        if (markAt(lexer) === ';')
            closed = true;
        else if (closed)
            return null;
        else
            end = lexer.end;
    }
    if (lexer.unclosed)
        return null;
    return { text: `${sql.slice(start, rowsStart)} (NULL)${sql.slice(rowsEnd, end)}`, start, end };
}
/** Goes to a word outside parentheses; false when the statement ends first, or takes its rows from a query. */
function skipTo(lexer, word) {
    for (let depth = 0; lexer.next();) {
        const mark = markAt(lexer);
        if (mark === '(')
            depth++;
        else if (mark === ')')
            depth--;
        else if (mark === ';')
            return false;
        else if (depth === 0 && wordAt(lexer) === word)
            return true;
        else if (depth === 0 && /^(?:select|with|table|default)$/.test(wordAt(lexer)))
            return false;
    }
    return false;
}
/**
 * Goes past `(…), (…)` to the next token, if there is one.
 * @returns the index after the last row; null when a row, a comma or a parenthesis is missing.
 */
function skipRows(lexer) {
    for (;;) {
        if (!lexer.next() || markAt(lexer) !== '(' || !skipParentheses(lexer))
            return null;
        const { end } = lexer;
        if (!lexer.next() || markAt(lexer) !== ',')
            return end;
    }
}
/** From an opening parenthesis to its closing one; false when it is never closed. */
function skipParentheses(lexer) {
    for (let depth = 1; depth > 0;) {
        if (!lexer.next())
            return false;
        const mark = markAt(lexer);
        if (mark === '(')
            depth++;
        else if (mark === ')')
            depth--;
    }
    return true;
}
function markAt({ kind, sql, start }) {
    return kind === 'mark' ? (sql[start] ?? '') : '';
}
function wordAt({ kind, sql, start, end }) {
    return kind === 'word' ? sql.slice(start, Math.min(end, start + 8)).toLowerCase() : '';
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/reader.ts


/** Characters of INSERTs in a file whose rows are read by the grammar. */
const maxReadInFull = 250_000;
const maxRemembered = 1000;
const insert = /insert\b/iy;
/**
 * Reads statements with the grammar. The rows of an INSERT are not part of its node. In a file of data, only the first
 * 250,000 characters of INSERTs are read in full; after them the server checks the syntax of the rows, and INSERTs that
 * differ in their rows alone share a node. Each other statement is read in full.
 */
function statementReader(grammar) {
    let characters = 0;
    const read = new Map();
    const readShort = (text) => {
        const known = read.get(text);
        if (known !== undefined)
            return known;
        const parsed = parseStatements(grammar, text);
        const statement = (parsed.ok && parsed.statements[0]) || null;
        if (read.size < maxRemembered)
            read.set(text, statement);
        return statement;
    };
    return (sql) => {
        insert.lastIndex = (0,blanks/* afterBlanks */.kE)(sql, 0);
        if (insert.test(sql))
            characters += sql.length;
        const short = insert.lastIndex > 0 && characters > maxReadInFull ? withoutRows(sql) : null;
        const statement = short && readShort(short.text);
        if (!statement)
            return parseStatements(grammar, sql);
        return { ok: true, statements: [{ ...statement, offset: short.start, end: short.end }] };
    };
}
function parseStatements(grammar, sql) {
    const parsed = grammar.parse(sql);
    if (parsed.ok)
        for (const one of parsed.statements)
            if (one.tag === 'InsertStmt')
                dropRows(one.node);
    return parsed;
}
function dropRows({ selectStmt }) {
    if (selectStmt && 'SelectStmt' in selectStmt)
        delete selectStmt.SelectStmt.valuesLists;
}

// EXTERNAL MODULE: ./packages/sql/src/syntax/scan.ts
var scan = __webpack_require__(6209);
;// CONCATENATED MODULE: ./packages/sql/src/syntax/script.ts





/**
 * Reads a file statement by statement, so that one of many megabytes costs little more memory than its text. Pure.
 */
function readScript(grammar, file, sql) {
    const reading = { grammar, read: statementReader(grammar), locate: createLocator(sql) };
    const script = { file, sql, statements: [], problems: [], empty: true, backslashes: [] };
    const readPiece = (offset, end) => {
        if ((0,blanks/* beforeBlanks */.nF)(sql, end) <= offset)
            return;
        const piece = sql.slice(offset, end);
        const parsed = reading.read(piece);
        if (!parsed.ok) {
            const { line, column } = reading.locate(offset + parsed.problem.offset);
            script.problems.push({ file, line, column, message: parsed.problem.message });
        }
        else
            for (const one of parsed.statements)
                script.statements.push(placed(reading, one, piece, offset));
    };
    // The grammar gets every character but the rows of COPY: it decides what is a comment, not the lexer.
    // Locations in a node count from the start of its piece, which therefore is the statement's own.
    let from = 0;
    const cut = (start, end) => {
        readPiece(from, start);
        from = end;
    };
    // Rows after the line of the current statements.
    let rows;
    for (const { offset, data, backslashes } of (0,scan/* eachStatement */.zz)(sql)) {
        script.empty = false;
        if (backslashes)
            script.backslashes.push(...backslashes);
        if (rows && offset >= rows.end) {
            cut(rows.start, rows.end);
            rows = undefined;
        }
        cut(offset, offset);
        if (data)
            rows = { start: rows?.start ?? data.start, end: data.end };
    }
    if (rows)
        cut(rows.start, rows.end);
    readPiece(from, sql.length);
    return script;
}
/** @param base Index of the piece in the file. */
function placed(reading, one, piece, base) {
    const { tag, node } = one;
    const text = piece.slice(one.offset, one.end);
    const offset = base + one.offset;
    // A piece is one statement, unless the lexer saw less than the grammar: then its locations no longer fit the text.
    const result = { tag, node, text, offset, ...reading.locate(offset) };
    if (result.tag === 'DoStmt')
        result.inside = readBlock(reading, { node: result.node, text, offset });
    return result;
}
/** Index in the file of a location inside a statement's node, which counts bytes; without one, of the statement. */
function offsetOf({ text, offset }, location) {
    if (location === undefined || location < 0)
        return offset;
    return offset + Buffer.from(text).toString('utf8', 0, location).length;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/column-types.ts



/** Statements that make columns. */
const making = ['CreateStmt', 'AlterTableStmt'];
/** Types of columns that are cheap now and dear later. */
const columnTypeRules = [
    { name: 'prefer-timestamptz', level: 'info', on: making, check: columns(timestamp) },
    { name: 'padded-char', level: 'info', on: making, check: columns(padded) },
    { name: 'prefer-text', level: 'info', on: making, check: columns(limited) },
    { name: 'prefer-jsonb', level: 'info', on: making, check: columns(json) },
    { name: 'prefer-bigint-key', level: 'info', on: making, check: columns(shortKey) },
];
/** A rule over the columns that a CREATE TABLE or an ADD COLUMN makes, and over new types of columns. */
function columns(find) {
    return ({ statement }) => madeColumns(statement).flatMap(({ column, type }) => {
        const found = find(column, type);
        return found ? [{ offset: offsetOf(statement, column.location), ...found }] : [];
    });
}
/** Of the statement that was asked of last: all rules ask of one, then of the next. */
let column_types_known;
function madeColumns(statement) {
    if (column_types_known?.statement === statement)
        return column_types_known.made;
    const columns = statement.tag === 'CreateStmt'
        ? keyed(statement.node.tableElts ?? [])
        : alterations(statement).flatMap(({ column, cmd }) => column ? [{ ...column, colname: column.colname ?? cmd.name ?? '' }] : []);
    const made = columns.flatMap((column) => column.typeName ? [{ column, type: (0,lint_names/* typeText */.wQ)(column.typeName).replace(/(?:\[\])+$/, '') }] : []);
    column_types_known = { statement, made };
    return made;
}
/** Columns of a new table, with PRIMARY KEY on a single one of them as if it followed it. */
function keyed(elements) {
    const keys = elements.flatMap((node) => 'Constraint' in node && node.Constraint.contype === 'CONSTR_PRIMARY'
        ? [(0,lint_names/* strings */.P$)(node.Constraint.keys)]
        : []);
    const [only] = keys.filter((columns) => columns.length === 1).flat();
    return elements.flatMap((node) => {
        if (!('ColumnDef' in node))
            return [];
        const { constraints = [], ...column } = node.ColumnDef;
        const key = column.colname === only ? [{ Constraint: { contype: 'CONSTR_PRIMARY' } }] : [];
        return [{ ...column, constraints: [...constraints, ...key] }];
    });
}
function timestamp({ colname = '' }, type) {
    if (!/^timestamp(?:\(|$)/.test(type))
        return undefined;
    return {
        message: `${(0,lint_names/* sqlName */.iA)(colname)} is a timestamp without time zone: its moment depends on the reader's time zone`,
        remedy: `${(0,lint_names/* sqlName */.iA)(colname)} timestamptz`,
    };
}
function padded({ colname = '' }, type) {
    const [char, length] = /^bpchar(?:\((\d+)\))?$/.exec(type) ?? [];
    if (char === undefined)
        return undefined;
    const c = (0,lint_names/* sqlName */.iA)(colname);
    return {
        message: `${c} is padded to its length, and char is not faster than text`,
        remedy: asText(colname, length),
    };
}
function limited({ colname = '' }, type) {
    const length = /^varchar\((\d+)\)$/.exec(type)?.[1];
    if (length === undefined)
        return undefined;
    return {
        message: `the length of ${(0,lint_names/* sqlName */.iA)(colname)} is part of its type: a shorter one rewrites the table, and varchar is not faster than text`,
        remedy: asText(colname, length),
    };
}
function asText(column, length) {
    const c = (0,lint_names/* sqlName */.iA)(column);
    const check = `CONSTRAINT ${(0,lint_names/* sqlName */.iA)((0,lint_names/* derivedName */.Pr)(column, 'length'))} CHECK (length(${c}) <= ${length})`;
    return `${c} text${length ? `, and ${check} where the limit matters` : ''}`;
}
function json({ colname = '' }, type) {
    if (type !== 'json')
        return undefined;
    return {
        message: `json has no equality, so that SELECT DISTINCT and UNION over ${(0,lint_names/* sqlName */.iA)(colname)} fail`,
        remedy: `${(0,lint_names/* sqlName */.iA)(colname)} jsonb`,
    };
}
function shortKey(column, type) {
    if (!hasConstraint(column, 'CONSTR_PRIMARY'))
        return undefined;
    const short = /^int[24]$/.test(type) || (isSerial(column) && !/^(?:bigserial|serial8)$/.test(type));
    if (!short || constraintsOf(column).some(({ contype }) => contype === 'CONSTR_FOREIGN'))
        return undefined;
    const c = (0,lint_names/* sqlName */.iA)(column.colname ?? '');
    return {
        message: `the key ${c} ends at ${/int2|small|serial2/.test(type) ? '32,767' : '2,147,483,647'}, and changing its type later rewrites the table and every one that refers to it`,
        remedy: `${c} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`,
    };
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/constraints.ts




/** Constraints on tables in use: check old rows apart from new ones, build indexes beforehand. */
const constraintRules = [
    { name: 'foreign-key-without-not-valid', level: 'error', on: ['AlterTableStmt'], check: each(foreignKey) },
    { name: 'check-without-not-valid', level: 'error', on: ['AlterTableStmt'], check: each(check) },
    { name: 'constraint-builds-index', level: 'error', on: ['AlterTableStmt'], check: each(buildsIndex) },
    { name: 'validate-in-same-file', level: 'error', on: ['AlterTableStmt'], check: validate },
];
/** The constraint that a subcommand adds, whether to the table or with a new column. */
function added(it, ...types) {
    if (it.cmd.subtype === 'AT_AddConstraint')
        return types.includes(it.constraint?.contype) ? it.constraint : undefined;
    if (it.cmd.subtype !== 'AT_AddColumn' || !it.column)
        return undefined;
    return constraintsOf(it.column).find(({ contype }) => types.includes(contype));
}
function nameOf(it, constraint, suffix) {
    const columns = [...(0,lint_names/* strings */.P$)(constraint.fk_attrs), ...(0,lint_names/* strings */.P$)(constraint.keys)];
    const column = it.column?.colname ?? columns.join('_');
    return (0,lint_names/* sqlName */.iA)(constraint.conname ?? (0,lint_names/* derivedName */.Pr)(it.table.relname ?? '', column, suffix));
}
function foreignKey(it, schema) {
    const constraint = added(it, 'CONSTR_FOREIGN');
    if (!constraint?.pktable || constraint.skip_validation || constraint.is_enforced === false)
        return undefined;
    // A new column without a default holds nulls only, and PostgreSQL knows (transformFKConstraints): nothing is read.
    if (it.column && !defaultOf(it.column))
        return undefined;
    const [t, other] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(it.table)), (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(constraint.pktable))];
    const name = nameOf(it, constraint, 'fkey');
    const both = schema.isNewTable(constraint.pktable) ? `on ${t}` : `on ${t} and ${other}`;
    return {
        message: `this foreign key is checked for every row of ${t} while SHARE ROW EXCLUSIVE is held ${both}: every INSERT, UPDATE and DELETE there waits`,
        remedy: it.column
            ? `Add the column first; then ALTER TABLE ${t} ADD CONSTRAINT ${name} FOREIGN KEY (${(0,lint_names/* sqlName */.iA)(it.column.colname ?? '')}) REFERENCES ${other} NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`
            : `ALTER TABLE ${t} ${(0,quote_sql/* copyableSql */.A)(it.text)} NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`,
    };
}
function check(it, schema) {
    const constraint = added(it, 'CONSTR_CHECK');
    if (!constraint || constraint.skip_validation || constraint.is_enforced === false)
        return undefined;
    const t = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(it.table));
    const name = nameOf(it, constraint, 'check');
    const isForeignTable = schema.factsOf(it.table)?.kind === 'f';
    if (isForeignTable)
        return undefined;
    return {
        message: `this CHECK is tried on every row of ${t} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
        remedy: it.column
            ? `Add the column without CHECK; then ALTER TABLE ${t} ADD CONSTRAINT ${name} CHECK (…) NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`
            : `ALTER TABLE ${t} ${(0,quote_sql/* copyableSql */.A)(it.text)} NOT VALID; and in the next file ALTER TABLE ${t} VALIDATE CONSTRAINT ${name};`,
    };
}
const kinds = {
    CONSTR_UNIQUE: { word: 'UNIQUE', suffix: 'key' },
    CONSTR_PRIMARY: { word: 'PRIMARY KEY', suffix: 'pkey' },
    CONSTR_EXCLUSION: { word: 'EXCLUDE', suffix: 'excl' },
};
function buildsIndex(it) {
    const constraint = added(it, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION');
    const kind = kinds[constraint?.contype ?? ''];
    if (!constraint || !kind || constraint.indexname)
        return undefined;
    const t = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(it.table));
    const message = `${kind.word} builds an index over all of ${t} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`;
    if (kind.word === 'EXCLUDE')
        return {
            message,
            remedy: `It cannot be built in advance: run it when ${t} is small or unused, and allow it with "-- slipway: allow constraint-builds-index because …".`,
        };
    const columns = it.column ? [it.column.colname ?? ''] : (0,lint_names/* strings */.P$)(constraint.keys);
    const name = nameOf(it, constraint, kind.suffix);
    const first = it.column ? 'Add the column first. ' : '';
    const nulls = kind.word === 'PRIMARY KEY' ? ' The columns must be NOT NULL already, or they are read again.' : '';
    return {
        message,
        remedy: `${first}In a separate file: CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${t} (${columns.map(lint_names/* sqlName */.iA).join(', ')}); and in the next ALTER TABLE ${t} ADD CONSTRAINT ${name} ${kind.word} USING INDEX ${name};${nulls}`,
    };
}
function validate({ alterations, script, schema }) {
    const here = new Map();
    return alterations.flatMap((it) => {
        if (it.constraint?.skip_validation && it.constraint.conname)
            here.set(it.constraint.conname, it);
        if (it.cmd.subtype !== 'AT_ValidateConstraint')
            return [];
        const name = it.cmd.name ?? '';
        const earlier = schema.constraints.constraint(it.table, name);
        if (!here.has(name) && (!earlier || earlier.file !== script.file || earlier.validated))
            return [];
        const [t, c] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(it.table)), (0,lint_names/* sqlName */.iA)(name)];
        return [
            {
                offset: it.offset,
                message: `${c} is validated in the transaction that adds it, so the lock of ADD CONSTRAINT on ${t} is held while every row is read: NOT VALID gains nothing`,
                remedy: `Move "ALTER TABLE ${t} VALIDATE CONSTRAINT ${c};" to the next file: it reads the rows without blocking anybody.`,
            },
        ];
    });
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/destructive.ts


/** What takes away more than its line shows. */
const destructiveRules = [
    { name: 'truncate', level: 'error', on: ['TruncateStmt'], check: truncate },
    { name: 'cascade', level: 'error', on: ['DropStmt', 'DropOwnedStmt', 'AlterTableStmt'], check: cascade },
    { name: 'drop-database', level: 'error', on: ['DropdbStmt'], check: dropDatabase },
];
function truncate({ statement, schema }) {
    if (statement.tag !== 'TruncateStmt')
        return [];
    const { relations = [], behavior } = statement.node;
    const tables = relations.flatMap((node) => 'RangeVar' in node && !schema.isNewTable(node.RangeVar) ? [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(node.RangeVar))] : []);
    if (tables.length === 0)
        return [];
    const more = behavior === 'DROP_CASCADE' ? ', and every table with a foreign key to it,' : '';
    return [
        {
            offset: statement.offset,
            message: `TRUNCATE empties ${tables.join(', ')}${more} under ACCESS EXCLUSIVE: no rollback of the release brings the rows back`,
            remedy: `Delete what is to go, in batches: ${tables.map((t) => `DELETE FROM ${t} WHERE …;`).join(' ')}`,
        },
    ];
}
function cascade({ statement, alterations }) {
    const hit = (offset, text) => ({
        offset,
        message: `CASCADE also drops whatever depends on it, and this file does not show what that is on the server`,
        remedy: `Name what is to go, each in its own DROP, and end with ${(0,quote_sql/* copyableSql */.A)(text).replace(/\s*\bcascade\b/i, '')};`,
    });
    if (statement.tag === 'DropStmt' || statement.tag === 'DropOwnedStmt')
        return statement.node.behavior === 'DROP_CASCADE' ? [hit(statement.offset, statement.text)] : [];
    return alterations.flatMap(({ cmd, table, text, offset }) => {
        if (cmd.behavior !== 'DROP_CASCADE')
            return [];
        return [hit(offset, `ALTER TABLE ${(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table))} ${text}`)];
    });
}
function dropDatabase({ statement }) {
    if (statement.tag !== 'DropdbStmt')
        return [];
    const name = (0,lint_names/* sqlName */.iA)(statement.node.dbname ?? '');
    return [
        {
            offset: statement.offset,
            message: `DROP DATABASE takes ${name} away with everything in it, and only a backup brings it back`,
            remedy: 'Remove it from the migrations, and drop it by hand when nobody needs it.',
        },
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/domains.ts

/**
 * What ALTER DOMAIN reads for: a rule that holds for the values that are there. It reads all tables and materialised
 * views with a column of the domain, and VALIDATE takes the same lock for it as ADD (SHARE; seen on 15, 17 and 18).
 */
function domainCheckOf(statement) {
    if (statement.tag !== 'AlterDomainStmt')
        return undefined;
    const { subtype, def, typeName } = statement.node;
    const domain = (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(typeName));
    if (subtype === 'O')
        return { domain, what: 'not null' };
    if (subtype === 'V')
        return { domain, what: 'validate' };
    if (subtype !== 'C' || !def || !('Constraint' in def) || def.Constraint.skip_validation)
        return undefined;
    return { domain, what: def.Constraint.contype === 'CONSTR_NOTNULL' ? 'not null' : 'check' };
}
/**
 * The tables and materialised views with a column of a domain. A domain over another hides its own columns from this.
 * @param key `schema.name` of the domain.
 */
function tablesWith(key, { relations }) {
    const name = key.slice(key.indexOf('.') + 1);
    return Object.entries(relations).flatMap(([table, { kind, columns }]) => {
        if (kind !== 'r' && kind !== 'm')
            return [];
        // format_type leaves the schema out where search_path finds the type without.
        const has = Object.values(columns).some(({ type }) => [key, name].includes(type.replaceAll('"', '')));
        return has ? [table] : [];
    });
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/domains.ts



/** Rules in domains: what reads every table that uses one. */
const domainRules = [
    { name: 'domain-constraint', level: 'error', on: ['CreateDomainStmt', 'AlterDomainStmt'], check: domain },
];
function domain({ statement, schema }) {
    if (statement.tag === 'CreateDomainStmt')
        return created(statement.node, statement.offset);
    const check = domainCheckOf(statement);
    const tables = check && schema.tablesWith(check.domain);
    if (!check || tables?.length === 0)
        return [];
    return [
        {
            offset: statement.offset,
            message: `this reads every ${tables ? `row of ${listed(tables)}` : `table with a column of ${(0,lint_names/* sqlOf */.IE)(check.domain)}`} while SHARE is held there: every INSERT, UPDATE and DELETE waits`,
            remedy: remedyOf(check, statement),
        },
    ];
}
function created({ constraints = [], domainname }, offset) {
    const ruled = constraints.some((node) => 'Constraint' in node && ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(node.Constraint.contype ?? ''));
    if (!ruled)
        return [];
    const d = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(domainname)));
    return [
        {
            offset,
            level: 'info',
            message: `a rule in the domain ${d} can later be changed only by reading every table that uses it, with all of them locked`,
            remedy: `Put the CHECK on the columns: it can be added NOT VALID and validated table by table, without blocking anybody.`,
        },
    ];
}
/** The first few of a list. */
function listed(tables) {
    const rest = tables.length - 3;
    return tables.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
/** Unlike that of a table, a rule of a domain cannot be validated without the lock. */
function remedyOf({ domain: named, what }, statement) {
    if (what === 'validate')
        return 'Leave it out: the rule holds for every new value without it. Or run it when hardly anybody writes, and allow it with "-- slipway: allow domain-constraint because …".';
    const name = (0,lint_names/* sqlName */.iA)((0,lint_names/* derivedName */.Pr)(named.name, 'not_null'));
    const instead = what === 'check'
        ? (0,quote_sql/* copyableSql */.A)(statement.text)
        : `ALTER DOMAIN ${(0,lint_names/* sqlOf */.IE)(named)} ADD CONSTRAINT ${name} CHECK (VALUE IS NOT NULL)`;
    return `${instead} NOT VALID; locks no table and holds for every new value. To validate it would read the tables under the same lock.`;
}

// EXTERNAL MODULE: ./packages/sql/src/lint/options.ts
var lint_options = __webpack_require__(3774);
;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/indexes.ts




/** Building, dropping and rebuilding indexes while the table is in use (manual, CREATE INDEX). */
const indexRules = [
    { name: 'index-without-concurrently', level: 'error', on: ['IndexStmt'], check: createIndex },
    { name: 'drop-index-without-concurrently', level: 'warning', on: ['DropStmt'], check: dropIndex },
    { name: 'reindex-without-concurrently', level: 'warning', on: ['ReindexStmt'], check: reindex },
];
function createIndex({ statement, schema }) {
    if (statement.tag !== 'IndexStmt' || !statement.node.relation)
        return [];
    const { relation, concurrent, idxname } = statement.node;
    // ON ONLY makes the index of a partitioned table without looking at its partitions: nothing is read.
    if (concurrent || schema.isNewTable(relation) || relation.inh !== true)
        return [];
    const table = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(relation));
    const blocks = `CREATE INDEX without CONCURRENTLY holds SHARE on ${table} while it reads the whole table: every INSERT, UPDATE and DELETE waits`;
    if (schema.factsOf(relation)?.kind === 'p') {
        const name = (0,lint_names/* sqlName */.iA)(idxname ?? (0,lint_names/* derivedName */.Pr)(relation.relname ?? '', 'idx'));
        return [
            {
                offset: statement.offset,
                message: `${blocks}, and a partitioned table does not support CONCURRENTLY`,
                remedy: `CREATE INDEX ${name} ON ONLY ${table} (…); then, for each partition, CREATE INDEX CONCURRENTLY in a separate file and ALTER INDEX ${name} ATTACH PARTITION ….`,
            },
        ];
    }
    const better = (0,quote_sql/* copyableSql */.A)(statement.text).replace(/\bindex\b/i, 'INDEX CONCURRENTLY');
    return [{ offset: statement.offset, message: blocks, remedy: `In a separate file: ${better};` }];
}
function dropIndex({ statement, schema }) {
    if (statement.tag !== 'DropStmt' || statement.node.removeType !== 'OBJECT_INDEX')
        return [];
    const { objects, concurrent, missing_ok } = statement.node;
    const used = droppedNames(objects).filter((index) => !schema.created.isNewIndex(index));
    if (concurrent || used.length === 0)
        return [];
    const exists = missing_ok ? 'IF EXISTS ' : '';
    return [
        {
            offset: statement.offset,
            message: `DROP INDEX without CONCURRENTLY takes ACCESS EXCLUSIVE on the table of ${used.map(lint_names/* sqlOf */.IE).join(', ')}: while it waits for queries that run, every later query waits for it`,
            remedy: `In a separate file: ${used.map((index) => `DROP INDEX CONCURRENTLY ${exists}${(0,lint_names/* sqlOf */.IE)(index)};`).join(' ')}`,
        },
    ];
}
function reindex({ statement, schema }) {
    if (statement.tag !== 'ReindexStmt')
        return [];
    const { kind, relation, params, name } = statement.node;
    // The system catalogs cannot be reindexed concurrently.
    if ((0,lint_options/* isConcurrent */.uC)(params) || kind === 'REINDEX_OBJECT_SYSTEM')
        return [];
    if (relation && (schema.isNewTable(relation) || schema.created.isNewIndex((0,lint_names/* ofRange */.xq)(relation))))
        return [];
    const what = relation ? (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(relation)) : (0,lint_names/* sqlName */.iA)(name ?? 'the database');
    return [
        {
            offset: statement.offset,
            message: `REINDEX without CONCURRENTLY blocks writes to the table of ${what}, and every query that would use the index, until it is rebuilt`,
            remedy: `In a separate file: ${(0,quote_sql/* copyableSql */.A)(statement.text).replace(/\b(index|table|schema|database)\b/i, (word) => `${word.toUpperCase()} CONCURRENTLY`)};`,
        },
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/partitions.ts

/** Partitions of tables in use (manual, 5.12.2). */
const partitionRules = [
    { name: 'detach-partition', level: 'warning', on: ['AlterTableStmt'], check: detach },
    { name: 'attach-partition-scan', level: 'warning', on: ['AlterTableStmt'], check: attach },
    { name: 'create-partition-locks-parent', level: 'info', on: ['CreateStmt'], check: create },
];
function detach({ alterations }) {
    return alterations.flatMap(({ cmd, table, offset }) => {
        const partition = cmd.def && 'PartitionCmd' in cmd.def ? cmd.def.PartitionCmd : undefined;
        if (cmd.subtype !== 'AT_DetachPartition' || partition?.concurrent)
            return [];
        const [t, part] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(partition?.name ?? {}))];
        return [
            {
                offset,
                message: `DETACH PARTITION without CONCURRENTLY takes ACCESS EXCLUSIVE on ${t}: while it waits for queries that run, every later query waits for it`,
                remedy: `In a separate file: ALTER TABLE ${t} DETACH PARTITION ${part} CONCURRENTLY;`,
            },
        ];
    });
}
function attach({ alterations, schema }) {
    return alterations.flatMap(({ cmd, table, offset }) => {
        const part = cmd.def && 'PartitionCmd' in cmd.def ? cmd.def.PartitionCmd.name : undefined;
        if (cmd.subtype !== 'AT_AttachPartition' || !part)
            return [];
        if (schema.isNewTable(part) || schema.constraints.hasCheck(part))
            return [];
        const [t, p] = [(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table)), (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(part))];
        const name = (0,lint_names/* sqlName */.iA)((0,lint_names/* derivedName */.Pr)(part.relname ?? '', 'bound'));
        return [
            {
                offset,
                message: `ATTACH PARTITION reads all of ${p} under ACCESS EXCLUSIVE to see whether its rows belong to ${t}, unless a CHECK says so already`,
                remedy: `ALTER TABLE ${p} ADD CONSTRAINT ${name} CHECK (…the bound, and its columns IS NOT NULL…) NOT VALID; in the next file ALTER TABLE ${p} VALIDATE CONSTRAINT ${name}; and then attach it.`,
            },
        ];
    });
}
function create({ statement, schema }) {
    if (statement.tag !== 'CreateStmt' || !statement.node.partbound)
        return [];
    const [parent] = statement.node.inhRelations ?? [];
    if (!parent || !('RangeVar' in parent) || schema.isNewTable(parent.RangeVar))
        return [];
    const t = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(parent.RangeVar));
    const part = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(statement.node.relation ?? {}));
    return [
        {
            offset: statement.offset,
            message: `CREATE TABLE … PARTITION OF takes ACCESS EXCLUSIVE on ${t} for an instant: while it waits for queries that run, every later query waits for it`,
            remedy: `CREATE TABLE ${part} (LIKE ${t} INCLUDING DEFAULTS INCLUDING CONSTRAINTS); ALTER TABLE ${t} ATTACH PARTITION ${part} FOR VALUES …; it does not block queries.`,
        },
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/rewrites.ts



/** Statements whose purpose is a heavy lock or a rewrite. */
const rewriteRules = [
    { name: 'vacuum-full', level: 'error', on: ['VacuumStmt'], check: vacuumFull },
    { name: 'cluster', level: 'error', on: ['ClusterStmt'], check: cluster },
    { name: 'table-rewrite', level: 'error', on: ['AlterTableStmt'], check: tableRewrite },
    { name: 'lock-table', level: 'error', on: ['LockStmt'], check: lockTable },
    { name: 'refresh-without-concurrently', level: 'error', on: ['RefreshMatViewStmt'], check: refresh },
];
function vacuumFull({ statement, schema }) {
    if (statement.tag !== 'VacuumStmt')
        return [];
    const { options = [], rels = [] } = statement.node;
    const full = options.some((node) => 'DefElem' in node && node.DefElem.defname === 'full');
    if (!full || (0,lint_options/* isOff */.gK)(options, 'full'))
        return [];
    const tables = rels.flatMap((node) => 'VacuumRelation' in node && node.VacuumRelation.relation ? [node.VacuumRelation.relation] : []);
    if (tables.length > 0 && tables.every((table) => schema.isNewTable(table)))
        return [];
    const what = tables.map((table) => (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table))).join(', ');
    return [
        {
            offset: statement.offset,
            message: `VACUUM FULL rewrites ${what || 'every table'} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
            remedy: `VACUUM (ANALYZE) ${what}; makes the space reusable without a lock; to shrink the file use pg_repack outside the release.`,
        },
    ];
}
function cluster({ statement, schema }) {
    if (statement.tag !== 'ClusterStmt')
        return [];
    const { relation } = statement.node;
    if (relation && schema.isNewTable(relation))
        return [];
    const what = relation ? (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(relation)) : 'every clustered table';
    return [
        {
            offset: statement.offset,
            message: `CLUSTER rewrites ${what} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
            remedy: 'Use pg_repack with an order outside the release.',
        },
    ];
}
const rewriting = {
    AT_SetTableSpace: 'copies it to another tablespace',
    AT_SetLogged: 'writes all of it to the log',
    AT_SetUnLogged: 'rewrites it, and a crash empties it',
    AT_SetAccessMethod: 'rewrites it',
    // A virtual column (PostgreSQL 18) is not stored; which kind it is only the server knows.
    AT_SetExpression: 'recomputes the column for every row, unless it is virtual, and rewrites it',
};
function tableRewrite({ alterations }) {
    return alterations.flatMap(({ cmd, table, text, offset }) => {
        const does = rewriting[cmd.subtype ?? ''];
        if (!does)
            return [];
        const t = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table));
        return [
            {
                offset,
                message: `${(0,quote_sql/* copyableSql */.A)(text)} on ${t} ${does} under ACCESS EXCLUSIVE: nobody can read or write it until that is done`,
                remedy: `Use pg_repack outside the release, or copy ${t} to a new table and switch to it in a later release.`,
            },
        ];
    });
}
const modes = [
    '',
    'ACCESS SHARE',
    'ROW SHARE',
    'ROW EXCLUSIVE',
    'SHARE UPDATE EXCLUSIVE',
    'SHARE',
    'SHARE ROW EXCLUSIVE',
    'EXCLUSIVE',
    'ACCESS EXCLUSIVE',
];
function lockTable({ statement, schema }) {
    if (statement.tag !== 'LockStmt')
        return [];
    const { relations = [], mode = 8 } = statement.node;
    const tables = relations.flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
    const used = tables.filter((table) => !schema.isNewTable(table));
    if (mode < 5 || used.length === 0)
        return [];
    const what = used.map((table) => (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table))).join(', ');
    const waits = mode === 8 ? 'every query' : 'every INSERT, UPDATE and DELETE';
    return [
        {
            offset: statement.offset,
            message: `LOCK TABLE holds ${modes[mode]} on ${what} until the file is committed: ${waits} waits`,
            remedy: `Leave it out: each statement takes the lock that it needs; or LOCK TABLE ${what} IN SHARE UPDATE EXCLUSIVE MODE; against a second migration.`,
        },
    ];
}
function refresh({ statement, schema }) {
    if (statement.tag !== 'RefreshMatViewStmt' || !statement.node.relation)
        return [];
    const { relation, concurrent } = statement.node;
    if (concurrent || schema.isNewTable(relation))
        return [];
    const view = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(relation));
    return [
        {
            offset: statement.offset,
            message: `REFRESH without CONCURRENTLY holds ACCESS EXCLUSIVE on ${view} while its query runs: nobody can read it until then`,
            remedy: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${view}; it needs a unique index without WHERE.`,
        },
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/rows.ts


/** Rows below which a change of all of them is over before anybody notices. */
const small = 10_000;
/** Changes of many rows at once. */
const rowRules = [
    { name: 'change-of-all-rows', level: 'warning', on: changingRows, check: allRows },
    { name: 'rows-and-schema', level: 'warning', on: changingRows, check: rowsAndSchema },
];
function allRows({ statement, schema }) {
    return rowChanges(statement)
        .filter(({ what, limited }) => (what === 'UPDATE' || what === 'DELETE') && !limited)
        .filter(({ table }) => !schema.isNewTable(table) && !isSmall(schema.factsOf(table)?.rows))
        .map(({ table, what }) => {
        const t = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table));
        return {
            offset: statement.offset,
            message: `${what} without a condition locks every row of ${t} until the file is committed, and leaves as many dead rows: every other change of a row waits`,
            remedy: `Run it in batches of a few thousand rows, each with its own COMMIT, from a job outside the release: ${what === 'UPDATE' ? `UPDATE ${t} SET … WHERE id BETWEEN … AND …;` : `DELETE FROM ${t} WHERE id BETWEEN … AND …;`}`,
        };
    });
}
function isSmall(rows) {
    return rows !== undefined && rows >= 0 && rows < small;
}
function rowsAndSchema({ statement, script, schema }) {
    const changed = rowChanges(statement).find(({ table, what, limited }) => !(what === 'INSERT' && limited) && !schema.isNewTable(table) && !isSmall(schema.factsOf(table)?.rows));
    const change = schema.schemaChangeIn(script.file);
    if (!changed || changed.what === 'INSERT' || !change)
        return [];
    return [
        {
            offset: statement.offset,
            message: `the lock that line ${change.line} takes on ${change.table} is held until this ${changed.what} of ${(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(changed.table))} is done and the file committed`,
            remedy: `Move the ${changed.what} to the next file, so that the schema change is committed at once.`,
        },
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/settings.ts



const settings_guarded = /^(?:lock_timeout|statement_timeout|transaction_timeout|idle_in_transaction_session_timeout|session_replication_role|synchronous_commit)$/;
/** Settings that outlive their file. */
const settingRules = [
    { name: 'overrides-timeouts', level: 'warning', on: ['VariableSetStmt', 'SelectStmt'], check: overrides },
];
const inForce = 'it overrides the limits of the migration, and behind a pooler it affects the application';
const needless = 'Remove it: the limits are set for every file.';
function overrides({ statement }) {
    const { offset } = statement;
    if (statement.tag === 'SelectStmt')
        return configured(statement).map(({ name, value }) => ({
            offset,
            message: `set_config('${name}', ${value ?? 'NULL'}, false) holds for the whole session: ${inForce}`,
            remedy: value === null ? needless : `SET LOCAL ${name} = ${value};`,
        }));
    if (statement.tag !== 'VariableSetStmt')
        return [];
    const { name = '', is_local, kind } = statement.node;
    if (is_local || !(settings_guarded.test(name) || kind === 'VAR_RESET_ALL'))
        return [];
    return [
        {
            offset,
            message: `${(0,quote_sql/* copyableSql */.A)(statement.text)} holds for the whole session: ${inForce}`,
            remedy: kind === 'VAR_SET_VALUE'
                ? `${(0,quote_sql/* copyableSql */.A)(statement.text).replace(/^set\s+(?:session\s+)?/i, 'SET LOCAL ')};`
                : needless,
        },
    ];
}
/** The guarded settings that a query gives to set_config() for the session, with their values as SQL. */
function configured({ text, node }) {
    // Saves the walk through nearly all queries.
    if (!/set_config/i.test(text))
        return [];
    const found = [];
    walk(node, (tag, call) => {
        const { funcname, args = [] } = call;
        if (tag !== 'FuncCall' || !/^(?:pg_catalog\.)?set_config$/.test((0,lint_names/* strings */.P$)(funcname).join('.')))
            return;
        const [name, value, local] = args.map(constantOf);
        const setting = name?.sval?.sval?.toLowerCase() ?? '';
        if (!settings_guarded.test(setting) || !local?.boolval || local.boolval.boolval)
            return;
        if (value?.isnull)
            found.push({ name: setting, value: null });
        else if (value?.sval)
            found.push({ name: setting, value: `'${(value.sval.sval ?? '').replaceAll("'", "''")}'` });
    });
    return found;
}
function constantOf(node) {
    const bare = uncast(node);
    return 'A_Const' in bare ? bare.A_Const : undefined;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/types.ts


/** Choices that are cheap now and dear later. */
const typeRules = [{ name: 'long-name', level: 'info', on: 'any', check: longName }];
/** NAMEDATALEN is 64, one byte of which ends the string. */
const maxNameBytes = 63;
function longName({ statement }) {
    // It makes nothing, and may be very long.
    if (statement.tag === 'InsertStmt')
        return [];
    const { text, offset } = statement;
    // No character of a string takes more than three bytes.
    if (text.length * 3 <= maxNameBytes)
        return [];
    const lexer = new syntax_lexer/* Lexer */.J(text);
    const hits = [];
    while (lexer.next()) {
        const { kind, start, end } = lexer;
        if ((kind !== 'word' && kind !== 'name') || (end - start) * 3 <= maxNameBytes)
            continue;
        const name = kind === 'word' ? text.slice(start, end) : text.slice(start + 1, end - 1).replaceAll('""', '"');
        const bytes = Buffer.byteLength(name);
        if (bytes <= maxNameBytes)
            continue;
        hits.push({
            offset: offset + start,
            message: `the name ${(0,quote_sql/* quoteSql */.X)(name)} has ${bytes} bytes, and PostgreSQL cuts it after ${maxNameBytes} with a notice only: two such names can become one`,
            remedy: `Choose a name of at most ${maxNameBytes} bytes.`,
        });
    }
    return hits;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/catalogue.ts














/** Rules that check the file as a whole. */
const fileRules = ['no-down', 'irreversible-down'];
/** The names that a waiver may use. */
function ruleNames() {
    return [...rulesFor([]).map(({ name }) => name), ...fileRules];
}
/** The rules that check statements. @param appendOnly Tables that only grow. */
function rulesFor(appendOnly) {
    return [
        ...indexRules,
        ...columnRules,
        ...constraintRules,
        ...breakingRules,
        ...destructiveRules,
        ...rowRules,
        ...rewriteRules,
        ...partitionRules,
        ...domainRules,
        ...typeRules,
        ...columnTypeRules,
        ...settingRules,
        ...blockRules,
        ...appendOnlyRules(appendOnly),
    ];
}
/** Finds the rules for a kind of statement, in their order: few rules concern most statements. */
function ruleFinder(rules) {
    const found = new Map();
    return (tag) => {
        const known = found.get(tag);
        if (known)
            return known;
        const those = rules.filter(({ on }) => on === 'any' || on.includes(tag));
        found.set(tag, those);
        return those;
    };
}

// EXTERNAL MODULE: ./packages/sql/src/syntax/markers.ts
var markers = __webpack_require__(2309);
;// CONCATENATED MODULE: ./packages/sql/src/lint/class.ts

/** `-- slipway: contract` on a separate line. */
const marker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;
/** Statements that a program can notice by its speed only. */
const unnoticed = new Set([
    'SelectStmt',
    'VariableSetStmt',
    'VariableShowStmt',
    'CommentStmt',
    'VacuumStmt',
    'ClusterStmt',
    'IndexStmt',
    'ReindexStmt',
    'RefreshMatViewStmt',
    'CreateStatsStmt',
    'ExplainStmt',
    'CheckPointStmt',
    'LockStmt',
    'TransactionStmt',
    'AlterSystemStmt',
]);
/** Whether a file is marked as one after which the previous version cannot run. */
function isMarkedContract(sql) {
    return (0,markers/* hasMarkers */.e)(sql) && marker.test(sql);
}
/**
 * `contract`: the previous version may fail on the schema; `expand`: it runs; `none`: it sees no difference.
 * @param breaks Whether a rule found a change that breaks the running version, or the file is marked so.
 */
function classOf(script, breaks) {
    if (breaks)
        return 'contract';
    const noticed = script.statements.some((one) => !unnoticed.has(one.tag) &&
        !(one.tag === 'DropStmt' && one.node.removeType === 'OBJECT_INDEX') &&
        !(one.tag === 'DoStmt' && one.inside?.hidden === false && one.inside.statements.length === 0));
    return noticed || script.problems.length > 0 ? 'expand' : 'none';
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/finding.ts

function subjectOf(statement, script, schema) {
    const used = alterations(statement).filter(({ table }) => !schema.isNewTable(table));
    return { statement, script, schema, alterations: used };
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/rules/down.ts



/**
 * What a down file cannot bring back; `null` when there is none although the format has such files. A rollback of the
 * database is then no way out, and the plan says so.
 */
function downHits(up, down) {
    const offset = up.statements[0]?.offset ?? 0;
    if (down === null) {
        const message = 'there is no down file: the database can only go forward from here';
        return [
            {
                rule: 'no-down',
                hit: {
                    offset,
                    message,
                    remedy: 'Write one, or continue without one: the rollback of the application does not need it.',
                },
            },
        ];
    }
    const filled = new Set(up.statements.flatMap(filledBy));
    const lost = down.statements.flatMap(lostBy).filter((name) => filled.has(name));
    const gone = up.statements.flatMap(lostBy);
    const problems = [
        ...lost.map((name) => `the down file drops ${name}, and with it what this file wrote there`),
        ...gone.map((name) => `this file drops ${name}: a down file can create it again, but empty`),
    ];
    return problems.map((message) => ({
        rule: 'irreversible-down',
        hit: {
            offset,
            message,
            remedy: 'Plan to roll forward: after this file only a backup brings the values back.',
        },
    }));
}
/** Columns and tables that get values. */
function filledBy(statement) {
    const columns = statement.tag === 'UpdateStmt' ? (statement.node.targetList ?? []) : [];
    return rowChanges(statement).flatMap(({ table, what }) => {
        const t = (0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table));
        if (what === 'INSERT')
            return [t];
        return columns.flatMap((node) => 'ResTarget' in node ? [`${t}.${(0,lint_names/* sqlName */.iA)(node.ResTarget.name ?? '')}`] : []);
    });
}
function lostBy(statement) {
    if (statement.tag === 'DropStmt' && statement.node.removeType === 'OBJECT_TABLE')
        return droppedNames(statement.node.objects).map(lint_names/* sqlOf */.IE);
    return alterations(statement).flatMap(({ cmd, table }) => cmd.subtype === 'AT_DropColumn' ? [`${(0,lint_names/* sqlOf */.IE)((0,lint_names/* ofRange */.xq)(table))}.${(0,lint_names/* sqlName */.iA)(cmd.name ?? '')}`] : []);
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/created-relations.ts

/** The table, view or sequence that a statement creates, if it does. */
function createdRelation(statement) {
    const created = (table, mayExist = false) => table && { table, mayExist };
    switch (statement.tag) {
        case 'CreateStmt':
            return created(statement.node.relation, statement.node.if_not_exists);
        case 'CreateForeignTableStmt':
            return created(statement.node.base?.relation, statement.node.base?.if_not_exists);
        case 'CreateTableAsStmt':
            return created(statement.node.into?.rel, statement.node.if_not_exists);
        case 'SelectStmt':
            return created(statement.node.intoClause?.rel);
        case 'ViewStmt':
            return created(statement.node.view, statement.node.replace);
        case 'CreateSeqStmt':
            return created(statement.node.sequence, statement.node.if_not_exists);
        default:
            return undefined;
    }
}
/** The name of the type that a statement creates. */
function createdType(statement) {
    if (statement.tag === 'CompositeTypeStmt')
        return (0,lint_names/* ofRange */.xq)(statement.node.typevar ?? {});
    if (statement.tag === 'CreateDomainStmt')
        return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(statement.node.domainname));
    return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(statement.node.typeName));
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/created-objects.ts



/** What the files themselves have created so far, which no running program uses yet; and where names without a schema lead. */
class CreatedObjects {
    /** Volatility of the functions, by bare name. */
    functions = new Map();
    #facts;
    #created = new Set();
    #createdSchemas = new Set();
    #indexTables = new Map();
    #schema = 'public';
    constructor(facts) {
        this.#facts = facts;
    }
    /** `schema.name`; what has no schema is in the first one of search_path. */
    keyOf({ schema, name }) {
        if (schema === null && this.#created.has(`pg_temp.${name}`))
            return `pg_temp.${name}`;
        return `${schema ?? this.#schema}.${name}`;
    }
    /** Whether the files themselves created a relation or type, so that no running program uses it. */
    isNew(named) {
        const key = this.keyOf(named);
        if (this.#created.has(key))
            return true;
        return this.#createdSchemas.has(key.slice(0, key.length - named.name.length - 1));
    }
    isNewSchema(name) {
        return this.#createdSchemas.has(name);
    }
    /** Whether an index is on a table that the files created. */
    isNewIndex(index) {
        const key = this.keyOf(index);
        const table = this.#indexTables.get(key);
        return table !== undefined && this.#created.has(table);
    }
    /** Takes in what a statement creates, renames and drops. */
    add(statement) {
        const created = createdRelation(statement);
        if (created)
            this.#create(created.table, created.mayExist);
        switch (statement.tag) {
            case 'CreateSchemaStmt':
                if (!statement.node.if_not_exists)
                    this.#createdSchemas.add(statement.node.schemaname ?? '');
                break;
            case 'CreateEnumStmt':
            case 'CompositeTypeStmt':
            case 'CreateRangeStmt':
            case 'CreateDomainStmt':
                this.#created.add(this.keyOf(createdType(statement)));
                break;
            case 'CreateFunctionStmt':
                this.#addFunction(statement.node);
                break;
            case 'IndexStmt':
                this.#addIndex(statement.node);
                break;
            case 'VariableSetStmt':
                this.#setSearchPath(statement.node);
                break;
            case 'DropStmt':
                for (const named of droppedNames(statement.node.objects))
                    this.#created.delete(this.keyOf(named));
                break;
            case 'RenameStmt':
                this.#rename(statement.node.relation, statement.node.renameType, statement.node.newname);
                break;
        }
    }
    /** What may have existed before may not be new; without facts about the database it counts as new. */
    #create(table, mayExist) {
        const named = (0,lint_names/* ofRange */.xq)(table);
        const key = table.relpersistence === 't' ? `pg_temp.${named.name}` : this.keyOf(named);
        if (!mayExist || !this.#facts?.relations[key])
            this.#created.add(key);
    }
    #rename(table, type, to = '') {
        if (!table || !['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(type ?? ''))
            return;
        const from = (0,lint_names/* ofRange */.xq)(table);
        if (!this.isNew(from))
            return;
        this.#created.delete(this.keyOf(from));
        this.#created.add(this.keyOf({ ...from, name: to }));
    }
    #addIndex({ idxname, relation }) {
        if (!idxname || !relation)
            return;
        // An index is in the schema of its table.
        const table = this.keyOf((0,lint_names/* ofRange */.xq)(relation));
        const schema = table.slice(0, table.lastIndexOf('.'));
        this.#indexTables.set(`${schema}.${idxname}`, table);
    }
    #addFunction({ funcname, options = [] }) {
        const volatility = options.flatMap((node) => 'DefElem' in node && node.DefElem.defname === 'volatility' && node.DefElem.arg
            ? (0,lint_names/* strings */.P$)([node.DefElem.arg])
            : []);
        this.functions.set((0,lint_names/* strings */.P$)(funcname).at(-1) ?? '', volatility[0] ?? 'volatile');
    }
    #setSearchPath({ name, kind, args = [] }) {
        if (name !== 'search_path')
            return;
        const first = args[0] && 'A_Const' in args[0] ? args[0].A_Const.sval?.sval : undefined;
        this.#schema = kind === 'VAR_SET_VALUE' && first && first !== '$user' ? first : 'public';
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/not-null.ts

/** The columns of which a constraint proves that they hold no null: `a IS NOT NULL`, alone or joined by AND. */
function notNullColumns({ contype, raw_expr, keys }) {
    if (contype === 'CONSTR_NOTNULL')
        return (0,lint_names/* strings */.P$)(keys);
    if (contype !== 'CONSTR_CHECK' || !raw_expr)
        return [];
    return provenBy(raw_expr);
}
function provenBy(node) {
    if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') {
        return (node.BoolExpr.args ?? []).flatMap(provenBy);
    }
    if (!('NullTest' in node) || node.NullTest.nulltesttype !== 'IS_NOT_NULL')
        return [];
    const { arg } = node.NullTest;
    const parts = arg && 'ColumnRef' in arg ? (0,lint_names/* strings */.P$)(arg.ColumnRef.fields) : [];
    return parts.slice(-1);
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/known-constraints.ts


/** What the constraints of the database and of the files prove about columns. */
class KnownConstraints {
    #tables;
    #constraints = new Map();
    #notNull = new Set();
    #checked = new Set();
    #trusted = new Set();
    constructor(tables) {
        this.#tables = tables;
    }
    /** Whether a column must not be null: known from the database, or added so by the files. */
    isRequired(table, column) {
        const key = `${this.#tables.keyOf(table)} ${column}`;
        return this.#notNull.has(key) || this.#tables.factsOf(table)?.columns[column]?.notNull === true;
    }
    /** The constraint of that name that the files add to a table. */
    constraint(table, name) {
        return this.#constraints.get(`${this.#tables.keyOf(table)} ${name}`);
    }
    /** Whether a column is known to hold no null, so that SET NOT NULL needs no scan. */
    isNotNull(table, column) {
        const key = this.#tables.keyOf(table);
        const facts = this.#tables.factsOf(table);
        if (facts?.columns[column]?.notNull || facts?.provenNotNull.includes(column))
            return true;
        // A constraint that is older than the files was validated here: without facts it is taken for the right one.
        return this.#notNull.has(`${key} ${column}`) || (!facts && this.#trusted.has(key));
    }
    /** Whether a table has a CHECK that is validated, as the files or the database show. */
    hasCheck(table) {
        return this.#checked.has(this.#tables.keyOf(table));
    }
    /** Takes in the constraints that an ALTER TABLE adds, validates and drops. */
    add(statement, file) {
        for (const alteration of alterations(statement))
            this.#addOne(alteration, file);
    }
    #addOne({ table, cmd, column, constraint }, file) {
        const key = this.#tables.keyOf(table);
        const name = cmd.name ?? '';
        switch (cmd.subtype) {
            case 'AT_AddColumn': {
                if (!column)
                    return;
                if (hasConstraint(column, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'))
                    this.#notNull.add(`${key} ${column.colname}`);
                for (const { conname } of constraintsOf(column))
                    if (conname)
                        this.#constraints.set(`${key} ${conname}`, { file, validated: true, notNull: [] });
                return;
            }
            case 'AT_AddConstraint': {
                if (!constraint)
                    return;
                const validated = !constraint.skip_validation;
                const notNull = notNullColumns(constraint);
                this.#constraints.set(`${key} ${constraint.conname ?? ''}`, { file, validated, notNull });
                if (validated)
                    this.#prove(key, notNull);
                if (validated && constraint.contype === 'CONSTR_CHECK')
                    this.#checked.add(key);
                return;
            }
            case 'AT_ValidateConstraint': {
                this.#checked.add(key);
                const added = this.#constraints.get(`${key} ${name}`);
                if (added)
                    this.#prove(key, added.notNull);
                else
                    this.#trusted.add(key);
                return;
            }
            case 'AT_SetNotNull':
                this.#prove(key, [name]);
                return;
            case 'AT_DropNotNull':
            case 'AT_DropColumn':
                this.#notNull.delete(`${key} ${name}`);
        }
    }
    #prove(key, columns) {
        for (const column of columns)
            this.#notNull.add(`${key} ${column}`);
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/lock-mode.ts

/** Table-level locks, weakest first (manual, 13.3.1). */
const lockModes = [
    'ACCESS SHARE',
    'ROW SHARE',
    'ROW EXCLUSIVE',
    'SHARE UPDATE EXCLUSIVE',
    'SHARE',
    'SHARE ROW EXCLUSIVE',
    'EXCLUSIVE',
    'ACCESS EXCLUSIVE',
];
function lock(table, mode, lasts = 'for an instant') {
    const named = 'name' in table ? table : (0,lint_names/* ofRange */.xq)(table);
    return { relation: (0,lint_names/* sqlOf */.IE)(named), named, mode, lasts };
}
/** The lock on a table that a node may leave out. */
function lockOn(table, mode, lasts) {
    return table ? [lock(table, mode, lasts)] : [];
}
/** The lock on the table of an index, which only the server knows. */
function ofIndex(one) {
    return { ...one, relation: `the table of ${one.relation}` };
}
/** The lock on all tables that use a domain, which only the server knows. */
function ofDomain(one) {
    return { ...one, relation: `every table with a column of ${one.relation}`, ofDomain: true };
}
/** `ACCESS EXCLUSIVE on public.users: for an instant`. */
function describeLock({ relation, mode, lasts }) {
    return `${mode} on ${relation}: ${lasts}`;
}
/** Shortest first. */
const times = [
    'for an instant',
    'while it runs',
    'while it scans',
    'while it builds an index',
    'while it rewrites',
];
/** One line per relation and mode, with the longest time of each; the strongest first. */
function strongest(locks) {
    if (locks.length < 2)
        return [...locks];
    const found = new Map();
    for (const one of locks) {
        const key = `${one.relation} ${one.mode}`;
        const before = found.get(key);
        if (!before || times.indexOf(one.lasts) > times.indexOf(before.lasts))
            found.set(key, one);
    }
    return [...found.values()].sort((a, b) => lockModes.indexOf(b.mode) - lockModes.indexOf(a.mode));
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/alter-locks.ts



/** Subcommands that are content with less than ACCESS EXCLUSIVE (AlterTableGetLockLevel). */
const weaker = {
    AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
    AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
    AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
    AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
    AT_SetRelOptions: 'SHARE UPDATE EXCLUSIVE',
    AT_ResetRelOptions: 'SHARE UPDATE EXCLUSIVE',
    AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
    AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
    AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
    AT_DetachPartitionFinalize: 'SHARE UPDATE EXCLUSIVE',
    AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
    AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
    AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
    AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
    AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
    AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
    AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
    AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
};
const alter_locks_times = {
    AT_AlterColumnType: 'while it rewrites',
    AT_SetTableSpace: 'while it rewrites',
    AT_SetLogged: 'while it rewrites',
    AT_SetUnLogged: 'while it rewrites',
    AT_SetAccessMethod: 'while it rewrites',
    AT_SetExpression: 'while it rewrites',
    AT_SetNotNull: 'while it scans',
    AT_ValidateConstraint: 'while it scans',
};
/** The locks of one subcommand of ALTER TABLE (manual, ALTER TABLE). */
function alterLocks({ table, cmd, column, constraint }) {
    const subtype = cmd.subtype ?? '';
    if (subtype === 'AT_AddColumn' && column)
        return addColumn(table, column);
    if (subtype === 'AT_AddConstraint' && constraint)
        return addConstraint(table, constraint);
    const partition = cmd.def && 'PartitionCmd' in cmd.def ? cmd.def.PartitionCmd : undefined;
    if (subtype === 'AT_DetachPartition' && partition?.name) {
        const [parent, part] = partition.concurrent
            ? ['SHARE UPDATE EXCLUSIVE', 'ACCESS EXCLUSIVE']
            : ['ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE'];
        return [lock(table, parent), lock(partition.name, part)];
    }
    const own = lock(table, weaker[subtype] ?? 'ACCESS EXCLUSIVE', alter_locks_times[subtype]);
    if (subtype !== 'AT_AttachPartition' || !partition?.name)
        return [own];
    return [own, lock(partition.name, 'ACCESS EXCLUSIVE', 'while it scans')];
}
function addColumn(table, column) {
    const expression = defaultOf(column);
    const rewrites = isSerial(column) ||
        hasConstraint(column, 'CONSTR_IDENTITY') ||
        (expression !== undefined && volatileCall(expression, new Map()) !== undefined) ||
        constraintsOf(column).some(({ contype, generated_kind }) => contype === 'CONSTR_GENERATED' && generated_kind !== 'v');
    const builds = hasConstraint(column, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY');
    const scans = hasConstraint(column, 'CONSTR_CHECK');
    const time = rewrites
        ? 'while it rewrites'
        : builds
            ? 'while it builds an index'
            : scans
                ? 'while it scans'
                : 'for an instant';
    const others = constraintsOf(column).flatMap(({ pktable }) => pktable ? [lock(pktable, 'SHARE ROW EXCLUSIVE', expression ? 'while it scans' : undefined)] : []);
    return [lock(table, 'ACCESS EXCLUSIVE', time), ...others];
}
function addConstraint(table, constraint) {
    const { contype, pktable, skip_validation, indexname, is_enforced } = constraint;
    const time = skip_validation || is_enforced === false ? 'for an instant' : 'while it scans';
    if (contype === 'CONSTR_FOREIGN' && pktable)
        return [lock(table, 'SHARE ROW EXCLUSIVE', time), lock(pktable, 'SHARE ROW EXCLUSIVE', time)];
    if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL')
        return [lock(table, 'ACCESS EXCLUSIVE', time)];
    return [lock(table, 'ACCESS EXCLUSIVE', indexname ? 'for an instant' : 'while it builds an index')];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/maintenance-locks.ts



/** The locks of maintenance statements: LOCK, VACUUM, CLUSTER, REINDEX, REFRESH. */
function maintenanceLocks(statement) {
    switch (statement.tag) {
        case 'LockStmt':
            return ranges(statement.node.relations).map((table) => lock(table, lockModes[(statement.node.mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE', 'while it runs'));
        case 'VacuumStmt': {
            const { options = [], rels = [] } = statement.node;
            const full = options.some((node) => 'DefElem' in node && node.DefElem.defname === 'full');
            const rewrites = full && !(0,lint_options/* isOff */.gK)(options, 'full');
            return rels.flatMap((node) => 'VacuumRelation' in node && node.VacuumRelation.relation
                ? rewrites
                    ? [lock(node.VacuumRelation.relation, 'ACCESS EXCLUSIVE', 'while it rewrites')]
                    : [lock(node.VacuumRelation.relation, 'SHARE UPDATE EXCLUSIVE', 'while it scans')]
                : []);
        }
        case 'ClusterStmt':
            return lockOn(statement.node.relation, 'ACCESS EXCLUSIVE', 'while it rewrites');
        case 'ReindexStmt': {
            const { relation, params, kind } = statement.node;
            const mode = (0,lint_options/* isConcurrent */.uC)(params) ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
            const locks = lockOn(relation, mode, 'while it builds an index');
            return kind === 'REINDEX_OBJECT_INDEX' ? locks.map(ofIndex) : locks;
        }
        case 'RefreshMatViewStmt': {
            const { relation, concurrent } = statement.node;
            return lockOn(relation, concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'while it runs');
        }
        default:
            return [];
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/row-locks.ts



/** What reading and changing rows takes; names of WITH are not tables. */
function rowLocks(statement) {
    if (!/^(?:Select|Insert|Update|Delete|Merge|CreateTableAs|View|Copy)Stmt$/.test(statement.tag))
        return [];
    const changed = rowChanges(statement).map(({ table }) => lock(table, 'ROW EXCLUSIVE', 'while it runs'));
    const locking = statement.tag === 'SelectStmt' && statement.node.lockingClause !== undefined;
    const withs = new Set();
    const read = [];
    walk(statement.node, (name, node) => {
        if (name === 'CommonTableExpr')
            withs.add(node.ctename ?? '');
        if (name === 'RangeVar')
            read.push(node);
    });
    const copied = statement.tag === 'CopyStmt' ? statement.node : undefined;
    if (copied?.is_from)
        changed.push(...lockOn(copied.relation, 'ROW EXCLUSIVE', 'while it runs'));
    else if (copied?.relation)
        read.push(copied.relation);
    const own = new Set(changed.map(({ relation }) => relation));
    return [
        ...changed,
        ...read
            .filter(({ schemaname, relname }) => schemaname !== undefined || !withs.has(relname ?? ''))
            .map((table) => lock(table, locking ? 'ROW SHARE' : 'ACCESS SHARE', 'while it runs'))
            .filter(({ relation }) => !own.has(relation)),
    ];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/locks.ts







/**
 * The locks on tables and views that a statement takes, by the documentation of PostgreSQL (13.3.1 and the page of each
 * command). A plan, not a measurement: what a trigger, a foreign key or a partition adds only the server knows. Pure.
 */
function locksOf(statement) {
    const inside = statement.inside?.statements.flatMap(locksOf) ?? [];
    return strongest([...schemaLocks(statement), ...rowLocks(statement), ...inside]);
}
/** Those that it takes for more than reading and changing rows. Pure. */
function schemaLocksOf(statement) {
    const inside = statement.inside?.statements.flatMap(schemaLocksOf) ?? [];
    return strongest([...schemaLocks(statement), ...inside]);
}
function schemaLocks(statement) {
    switch (statement.tag) {
        case 'AlterTableStmt':
            return alterations(statement).flatMap(alterLocks);
        case 'CreateStmt':
            return createTable(statement.node);
        case 'IndexStmt':
            return indexLocks(statement.node);
        case 'DropStmt':
            return dropLocks(statement.node);
        case 'TruncateStmt':
            return ranges(statement.node.relations).map((table) => lock(table, 'ACCESS EXCLUSIVE'));
        case 'RenameStmt': {
            const index = statement.node.renameType === 'OBJECT_INDEX';
            return lockOn(statement.node.relation, index ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE');
        }
        case 'AlterObjectSchemaStmt':
            return lockOn(statement.node.relation, 'ACCESS EXCLUSIVE');
        case 'CreateTrigStmt':
            return lockOn(statement.node.relation, 'SHARE ROW EXCLUSIVE');
        case 'RuleStmt':
            return lockOn(statement.node.relation, 'ACCESS EXCLUSIVE');
        case 'CreatePolicyStmt':
        case 'AlterPolicyStmt':
            return lockOn(statement.node.table, 'ACCESS EXCLUSIVE');
        case 'AlterSeqStmt':
            return lockOn(statement.node.sequence, 'SHARE ROW EXCLUSIVE');
        case 'ViewStmt':
            return statement.node.replace ? lockOn(statement.node.view, 'ACCESS EXCLUSIVE') : [];
        case 'CreateStatsStmt':
            return ranges(statement.node.relations).map((table) => lock(table, 'SHARE UPDATE EXCLUSIVE'));
        case 'AlterDomainStmt': {
            const check = domainCheckOf(statement);
            return check ? [ofDomain(lock(check.domain, 'SHARE', 'while it scans'))] : [];
        }
        case 'CommentStmt':
            return commentLocks(statement.node);
        default:
            return maintenanceLocks(statement);
    }
}
function createTable({ tableElts = [], constraints = [], inhRelations, partbound, }) {
    const columnConstraints = tableElts.flatMap((node) => 'ColumnDef' in node ? constraintsOf(node.ColumnDef) : []);
    const own = [...tableElts, ...constraints].flatMap((node) => 'Constraint' in node ? [node.Constraint] : []);
    const references = [...columnConstraints, ...own].flatMap(({ pktable }) => pktable ? [lock(pktable, 'SHARE ROW EXCLUSIVE')] : []);
    const likes = tableElts.flatMap((node) => 'TableLikeClause' in node ? lockOn(node.TableLikeClause.relation, 'ACCESS SHARE') : []);
    // A default partition is searched for rows that belong in the new one.
    const parents = ranges(inhRelations).map((table) => partbound ? lock(table, 'ACCESS EXCLUSIVE') : lock(table, 'SHARE UPDATE EXCLUSIVE'));
    return [...references, ...likes, ...parents];
}
function indexLocks({ relation, concurrent }) {
    if (relation?.inh !== true)
        return lockOn(relation, 'SHARE');
    return lockOn(relation, concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', 'while it builds an index');
}
function dropLocks({ objects, removeType: type, concurrent }) {
    const removeType = type ?? '';
    const names = droppedNames(objects);
    if (/^OBJECT_(?:TABLE|VIEW|MATVIEW|FOREIGN_TABLE|SEQUENCE)$/.test(removeType))
        return names.map((named) => lock(named, 'ACCESS EXCLUSIVE'));
    if (removeType === 'OBJECT_INDEX') {
        const mode = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
        return names.map((named) => ofIndex(lock(named, mode)));
    }
    if (!/^OBJECT_(?:TRIGGER|RULE|POLICY)$/.test(removeType))
        return [];
    return (objects ?? []).flatMap((node) => {
        const table = 'List' in node ? (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(node.List.items).slice(0, -1)) : undefined;
        return table ? [lock(table, 'ACCESS EXCLUSIVE')] : [];
    });
}
function commentLocks({ objtype: type, object }) {
    const objtype = type ?? '';
    if (!object || !('List' in object))
        return [];
    const parts = (0,lint_names/* strings */.P$)(object.List.items);
    const table = objtype === 'OBJECT_COLUMN' ? parts.slice(0, -1) : parts;
    if (!/^OBJECT_(?:TABLE|VIEW|MATVIEW|COLUMN|FOREIGN_TABLE)$/.test(objtype))
        return [];
    return [lock((0,lint_names/* ofParts */.UW)(table), 'SHARE UPDATE EXCLUSIVE')];
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/schema-model.ts





/**
 * The schema after the statements so far, as far as the rules need it: nobody uses yet what the files themselves create.
 * Statements are added in the order in which they will run.
 */
class SchemaModel {
    created;
    constraints;
    #facts;
    #schemaChanges = new Map();
    constructor(facts) {
        this.#facts = facts;
        this.created = new CreatedObjects(facts);
        this.constraints = new KnownConstraints({
            keyOf: (table) => this.created.keyOf((0,lint_names/* ofRange */.xq)(table)),
            factsOf: (table) => this.factsOf(table),
        });
    }
    isNewTable(table) {
        return this.created.isNew((0,lint_names/* ofRange */.xq)(table));
    }
    factsOf(table) {
        return this.#facts?.relations[this.created.keyOf((0,lint_names/* ofRange */.xq)(table))];
    }
    /** The tables in use with a column of a domain; undefined when the database is unknown. */
    tablesWith(domain) {
        if (this.created.isNew(domain))
            return [];
        return this.#facts && tablesWith(this.created.keyOf(domain), this.#facts);
    }
    /** The first statement of a file that took a heavy lock on a table in use. */
    schemaChangeIn(file) {
        return this.#schemaChanges.get(file);
    }
    /** Records what a statement creates, renames, drops, locks and proves. */
    add(statement, file) {
        this.#noteLock(statement, file);
        this.created.add(statement);
        this.constraints.add(statement, file);
    }
    #noteLock(statement, file) {
        if (this.#schemaChanges.has(file))
            return;
        // Reading and changing rows takes no such lock.
        const heavy = schemaLocksOf(statement).find(({ mode, named, ofDomain }) => (mode === 'ACCESS EXCLUSIVE' || mode.startsWith('SHARE')) &&
            mode !== 'SHARE UPDATE EXCLUSIVE' &&
            !(ofDomain ? this.tablesWith(named)?.length === 0 : this.created.isNew(named)));
        if (heavy)
            this.#schemaChanges.set(file, { line: statement.line, table: heavy.relation });
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/waivers.ts


const comment = /--[ \t]*slipway:[ \t]*allow\b[ \t]*([^\r\n]*)/gi;
/** The waivers of a file: each above its statement, or at the end of a line of it. Pure. */
function waiversOf(script, locate) {
    if (!(0,markers/* hasMarkers */.e)(script.sql))
        return [];
    return [...script.sql.matchAll(comment)].map((match) => {
        const [, rules = '', reason] = /^(.*?)(?:(?:^|\s+)because\b\s*(.*?))?\s*$/i.exec(match[1] ?? '') ?? [];
        const { line, column } = locate(match.index);
        const alone = script.sql.slice(match.index - column + 1, match.index).trim() === '';
        const target = alone ? locate((0,blanks/* afterBlanks */.kE)(script.sql, match.index)).line : line;
        return {
            rules: rules.split(/[,\s]+/).filter(Boolean),
            reason: reason || null,
            line,
            column,
            covers: (statement, at) => at === target ||
                (alone
                    ? statement.line === target && statement.offset > match.index
                    : locate(statement.offset + statement.text.length).line === line && statement.offset < match.index),
        };
    });
}
/** A waiver must say why, name a rule that there is, and allow something. */
function waiverFindings({ file }, waivers, used, names) {
    return waivers.flatMap((waiver) => {
        const { line, column, rules, reason } = waiver;
        const unknown = rules.filter((name) => !names.has(name));
        const base = { file, line, column, waived: null };
        const problems = unknown.map((name) => ({
            ...base,
            rule: 'waiver-unknown-rule',
            level: 'error',
            message: `unknown rule "${name}"`,
            remedy: `Choose one of ${[...names].join(', ')}.`,
        }));
        if (rules.length === 0 || reason === null)
            problems.push({
                ...base,
                rule: 'waiver-without-reason',
                level: 'error',
                message: 'this waiver does not say what it allows and why',
                remedy: `-- slipway: allow ${rules.join(', ') || '<rule>'} because <reason>`,
            });
        if (problems.length === 0 && !used.has(waiver))
            problems.push({
                ...base,
                rule: 'waiver-unused',
                level: 'warning',
                message: `this waiver has no effect: ${rules.join(', ')} finds nothing in the statement below or on this line`,
                remedy: 'Delete it, or move it directly above the statement that it is about.',
            });
        return problems;
    });
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/lint.ts







/**
 * Checks the files of a release in the order in which they will run. What they create themselves is exempt: nobody uses
 * it yet. Pure.
 */
function lintScripts(scripts, options) {
    const run = {
        schema: new SchemaModel(options.known),
        rulesOn: ruleFinder(rulesFor(options.appendOnly)),
        names: new Set(ruleNames()),
        options,
    };
    const linted = scripts.map((script) => lintScript(script, run));
    return {
        findings: linted.flatMap(({ findings }) => findings),
        classes: new Map(linted.map((one) => [one.file, one.class])),
    };
}
function lintScript(script, run) {
    const found = [...statementHits(script, run), ...fileHits(script, run.options)];
    const contract = isMarkedContract(script.sql) || run.options.contractFiles?.includes(script.file) === true;
    const locate = createLocator(script.sql);
    const waivers = waiversOf(script, locate);
    const used = new Set();
    const findings = found.map(({ rule, level, hit, statement }) => {
        const location = locate(hit.offset);
        const applicable = waivers.filter((one) => one.rules.includes(rule.name) && one.covers(statement, location.line));
        for (const one of applicable)
            used.add(one);
        const reason = applicable.find((one) => one.reason !== null)?.reason ?? null;
        const waived = rule.contract && contract ? 'the file is marked as contract' : reason;
        const { message, remedy } = hit;
        return { rule: rule.name, level, file: script.file, ...location, message, remedy, waived };
    });
    const breaks = contract || found.some(({ rule }) => rule.contract === true || rule.name === 'change-type');
    return {
        file: script.file,
        class: classOf(script, breaks),
        findings: [...findings, ...waiverFindings(script, waivers, used, run.names)].sort((a, b) => a.line - b.line || a.column - b.column),
    };
}
function statementHits(script, { schema, rulesOn }) {
    const found = [];
    let nodeWithoutFindings;
    for (const outer of script.statements) {
        // INSERTs of a file of data share their node: without a finding in one, the next has none either.
        if (nodeWithoutFindings === outer.node)
            continue;
        const before = found.length;
        for (const statement of [outer, ...(outer.inside?.statements ?? [])]) {
            const subject = subjectOf(statement, script, schema);
            for (const rule of rulesOn(statement.tag))
                for (const hit of rule.check(subject))
                    found.push({ rule, level: hit.level ?? rule.level, hit, statement: outer });
            schema.add(statement, script.file);
        }
        nodeWithoutFindings = found.length === before ? outer.node : undefined;
    }
    return found;
}
function fileHits(script, { downs }) {
    const down = downs?.get(script.file);
    const [statement] = script.statements;
    if (down === undefined || !statement)
        return [];
    return downHits(script, down).map(({ rule, hit }) => ({
        rule: { name: rule },
        level: 'info',
        hit,
        statement,
    }));
}

// EXTERNAL MODULE: ./packages/sql/src/syntax/unwrap.ts
var unwrap = __webpack_require__(447);
// EXTERNAL MODULE: ./packages/sql/src/syntax/problems.ts
var syntax_problems = __webpack_require__(7020);
;// CONCATENATED MODULE: ./packages/sql/src/lint/enum-values.ts



/** A new value of an enum cannot be used before the transaction that adds it is committed (manual, ALTER TYPE). */
function earlyUses({ statements }) {
    const created = new Set();
    return statements.flatMap((added, index) => {
        if (added.tag === 'CreateEnumStmt')
            created.add((0,lint_names/* strings */.P$)(added.node.typeName).at(-1) ?? '');
        if (added.tag !== 'AlterEnumStmt' || added.node.oldVal !== undefined)
            return [];
        const { typeName, newVal: value = '' } = added.node;
        const type = (0,lint_names/* strings */.P$)(typeName).at(-1) ?? '';
        if (created.has(type))
            return [];
        const user = statements.find((later, at) => at > index && usesValue(later, value));
        return user ? [{ user, added, type, value }] : [];
    });
}
function usesValue(statement, value) {
    if (['AlterEnumStmt', 'CommentStmt', 'CreateFunctionStmt'].includes(statement.tag))
        return false;
    // The values of an INSERT are never in its node.
    if (statement.tag === 'InsertStmt')
        return hasString(statement.text, value);
    let found = false;
    walk(statement.node, (name, node) => {
        if (name === 'A_Const' && node.sval?.sval === value)
            found = true;
    });
    return found;
}
function hasString(text, value) {
    // Saves the walk over texts of many megabytes. Escapes are written for these two only.
    if (!/['\\]/.test(value) && !text.includes(value))
        return false;
    for (const lexer = new syntax_lexer/* Lexer */.J(text); lexer.next();)
        if (lexer.kind === 'string' && stringValue(text.slice(lexer.start, lexer.end)) === value)
            return true;
    return false;
}
function stringValue(token) {
    if (token.startsWith('$')) {
        const tag = token.indexOf('$', 1) + 1;
        return token.slice(tag, -tag);
    }
    const quote = token.indexOf("'");
    const inner = token.slice(quote + 1, -1);
    return quote === 0
        ? inner.replaceAll("''", "'")
        : inner.replace(/''|\\(.)/gs, (_, escaped = "'") => escaped);
}

// EXTERNAL MODULE: ./packages/sql/src/lint/runs-alone.ts
var runs_alone = __webpack_require__(5574);
;// CONCATENATED MODULE: ./packages/sql/src/lint/transaction-mode.ts



/** Decides by the parse tree, never by comments, how a file can be run. Pure. */
function transactionMode(script) {
    const { statements } = script;
    const own = [];
    const alone = [];
    const others = [];
    for (const one of statements) {
        own.push(...ownTransaction(script, one));
        if ((0,runs_alone/* runsAlone */.G)(one))
            alone.push(one);
        // Settings of the session are the usual companions of a concurrent index.
        else if (!isSetting(one) && !isOwn(one))
            others.push(one);
    }
    const mixed = alone.length > 0 && others.length > 0 ? [mixing(script, alone, others)] : [];
    const enums = alone.length > 0 ? [] : earlyUses(script).map((one) => usedTooEarly(script, one));
    const problems = [...own, ...mixed, ...enums];
    if (problems.length > 0)
        return { mode: 'refused', problems };
    return { mode: alone.length > 0 ? 'statements' : 'transaction' };
}
/** The statements of a file that begin or end a transaction, which a file that runs one by one cannot have either. */
function ownTransactions(script) {
    return script.statements.filter(isOwn).map((statement) => {
        const message = `${(0,quote_sql/* quoteSql */.X)(statement.text, 40).toUpperCase()} is not allowed here: the statements of this file run one by one`;
        return problem(script, statement, message, 'Delete this line, or the switch that takes the transaction away.');
    });
}
function isSetting({ tag, node }) {
    return tag === 'VariableSetStmt' && !node.is_local;
}
function isOwn({ tag, node }) {
    const kind = tag === 'TransactionStmt' ? (node.kind ?? '') : '';
    return /_(?:BEGIN|START|COMMIT|ROLLBACK|PREPARE)$/.test(kind);
}
function problem(script, statement, message, remedy) {
    return { file: script.file, line: statement.line, column: statement.column, message, remedy };
}
function ownTransaction(script, statement) {
    if (isOwn(statement)) {
        const what = (0,quote_sql/* quoteSql */.X)(statement.text, 40).toUpperCase();
        const message = `${what} is not allowed here: every file runs in its own transaction`;
        return [problem(script, statement, message, `Delete this line, and the others that begin or end it.`)];
    }
    if (!statement.inside?.commits)
        return [];
    const message = 'this DO block commits, which PostgreSQL refuses inside the transaction of the file';
    return [problem(script, statement, message, 'Leave COMMIT and ROLLBACK out of it.')];
}
function mixing(script, alone, others) {
    const [first, other] = [alone[0], others[0]];
    const message = `split this file: "${(0,quote_sql/* quoteSql */.X)(first.text, 80)}" cannot run in a transaction, and line ${other.line} should`;
    const remedy = `Move it${alone.length > 1 ? ' and similar statements' : ''} to a separate file: such a file runs statement by statement.`;
    return problem(script, first, message, remedy);
}
function usedTooEarly(script, { user, added, type, value }) {
    const message = `the value '${value}', which line ${added.line} adds to ${type}, is used in the same transaction, and PostgreSQL refuses that`;
    const remedy = `Leave ALTER TYPE ${type} ADD VALUE '${value}' alone in an earlier file.`;
    return problem(script, user, message, remedy);
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/creation.ts

const once = 'move it to a migration, which runs once';
/** What a CREATE makes; undefined for any other statement, and for those that nothing can be said of. */
function creationOf(statement) {
    return guardedCreation(statement) ?? replaceableCreation(statement) ?? bareCreation(statement);
}
/** Of what knows IF NOT EXISTS. */
function guardedCreation(statement) {
    const of = (name, fine) => {
        return { name, fine, remedy: 'write IF NOT EXISTS' };
    };
    switch (statement.tag) {
        case 'CreateStmt':
            return of(statement.node.relation?.relname, statement.node.if_not_exists);
        case 'CreateTableAsStmt':
            return of(statement.node.into?.rel?.relname, statement.node.if_not_exists);
        case 'CreateSeqStmt':
            return of(statement.node.sequence?.relname, statement.node.if_not_exists);
        case 'IndexStmt':
            return of(statement.node.idxname, statement.node.if_not_exists && !!statement.node.idxname);
        case 'CreateSchemaStmt':
            return of(statement.node.schemaname, statement.node.if_not_exists);
        case 'CreateExtensionStmt':
            return of(statement.node.extname, statement.node.if_not_exists);
        default:
            return undefined;
    }
}
/** Of what knows OR REPLACE. */
function replaceableCreation(statement) {
    const remedy = 'write CREATE OR REPLACE';
    switch (statement.tag) {
        case 'CreateFunctionStmt':
            return { name: lastOf(statement.node.funcname), fine: statement.node.replace, remedy };
        case 'ViewStmt':
            return { name: statement.node.view?.relname, fine: statement.node.replace, remedy };
        case 'RuleStmt':
            return { name: statement.node.rulename, fine: statement.node.replace, remedy };
        case 'CreateTrigStmt': {
            const { trigname: name, replace: fine } = statement.node;
            return { name, fine, remedy: `${remedy} (PostgreSQL 14), or DROP TRIGGER IF EXISTS before it` };
        }
        default:
            return undefined;
    }
}
/** Of what knows neither. */
function bareCreation(statement) {
    const type = `catch duplicate_object in a DO block, or ${once}`;
    switch (statement.tag) {
        case 'CreatePolicyStmt':
            return { name: statement.node.policy_name, remedy: 'write DROP POLICY IF EXISTS before it' };
        case 'CompositeTypeStmt':
            return { name: statement.node.typevar?.relname, remedy: type };
        case 'CreateEnumStmt':
            return { name: lastOf(statement.node.typeName), remedy: type };
        case 'CreateDomainStmt':
            return { name: lastOf(statement.node.domainname), remedy: type };
        default:
            return undefined;
    }
}
function lastOf(parts) {
    return (0,lint_names/* ofParts */.UW)((0,lint_names/* strings */.P$)(parts)).name;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/idempotence.ts



/** Characters of a statement that a message quotes. */
const maxStatementLength = 80;
/**
 * Statements that would fail, or do something else, when they run a second time. What the text does not show, such as an
 * UPDATE, belongs in a migration, which runs once. Pure.
 */
function idempotenceProblems({ file, statements }) {
    const dropped = new Set();
    return statements.flatMap((statement) => {
        const remedy = idempotence_remedyOf(statement, dropped);
        noteDropped(statement, dropped);
        if (remedy === null)
            return [];
        const message = `"${(0,quote_sql/* quoteSql */.X)(statement.text, maxStatementLength)}" cannot run a second time: ${remedy}`;
        return [{ file, line: statement.line, column: statement.column, message }];
    });
}
/** Names that an earlier statement of the file drops if they exist, so that they can be created unconditionally. */
function noteDropped(statement, dropped) {
    if (statement.tag === 'DropStmt' && statement.node.missing_ok) {
        for (const { name } of droppedNames(statement.node.objects))
            dropped.add(name);
    }
    for (const { cmd } of alterations(statement)) {
        if (cmd.subtype === 'AT_DropConstraint' && cmd.missing_ok && cmd.name)
            dropped.add(cmd.name);
    }
}
/** What to write instead; null for a statement that may run again. */
function idempotence_remedyOf(statement, dropped) {
    const creation = creationOf(statement);
    if (creation) {
        const { name, fine, remedy } = creation;
        return fine || (name !== undefined && dropped.has(name)) ? null : remedy;
    }
    switch (statement.tag) {
        case 'AlterEnumStmt':
            return statement.node.skipIfNewValExists ? null : 'write ADD VALUE IF NOT EXISTS';
        case 'DropStmt':
            return statement.node.missing_ok ? null : 'write IF EXISTS';
        case 'InsertStmt':
            return statement.node.onConflictClause || chooses(statement.node.selectStmt)
                ? null
                : 'write ON CONFLICT DO NOTHING';
        case 'AlterTableStmt':
            return alterations(statement).flatMap(({ cmd }) => alterationRemedy(cmd, dropped) ?? [])[0] ?? null;
        default:
            return harmless.has(statement.tag) ? null : once;
    }
}
/** Statements that set what they name, ask, or decide for themselves. */
const harmless = new Set([
    'AlterDefaultPrivilegesStmt',
    'AlterOwnerStmt',
    'CommentStmt',
    'DoStmt',
    'GrantRoleStmt',
    'GrantStmt',
    'RefreshMatViewStmt',
    'SelectStmt',
    'VariableSetStmt',
]);
function alterationRemedy(cmd, dropped) {
    if (cmd.missing_ok)
        return null;
    switch (cmd.subtype) {
        case 'AT_AddColumn':
            return 'write ADD COLUMN IF NOT EXISTS';
        case 'AT_DropColumn':
        case 'AT_DropConstraint':
            return 'write IF EXISTS';
        case 'AT_AddConstraint': {
            const name = cmd.def && 'Constraint' in cmd.def ? cmd.def.Constraint.conname : undefined;
            return name !== undefined && dropped.has(name) ? null : 'write DROP CONSTRAINT IF EXISTS before it';
        }
        case 'AT_AttachPartition':
        case 'AT_DetachPartition':
        case 'AT_AddIdentity':
            return once;
        default:
            return null;
    }
}
/** Whether an INSERT … SELECT has a condition, such as NOT EXISTS. */
function chooses(select) {
    return !!select && 'SelectStmt' in select && select.SelectStmt.whereClause !== undefined;
}

// EXTERNAL MODULE: ./actions/db-migrate/src/wording.ts
var wording = __webpack_require__(9488);
;// CONCATENATED MODULE: ./actions/db-migrate/src/findings.ts


/** A problem as people read it: location, what, and how it is written instead. */
function describeProblem({ file, line, column, message, remedy }) {
    return `${file}:${line}:${column}: ${message}${remedy ? `. ${remedy}` : ''}`;
}
/** As annotations of the lines on GitHub, and in the log. */
function logFindings({ log }, findings) {
    for (const finding of findings) {
        const { file, line, column, rule, message, remedy, waived, level } = finding;
        const title = `${rule}${waived === null ? '' : ' (waived)'}`;
        if (waived !== null || level === 'info')
            log.info(`${level} ${rule}: ${describeProblem(finding)}`);
        else {
            const location = { file, line, column };
            log.annotate({ level: 'warning', location, title, message: `${message}\n${remedy}` });
        }
    }
}
/** @throws UserError with every finding that the level of the lint does not let pass. */
function refuseFindings(level, findings) {
    const errors = findings.filter((one) => one.level === 'error' && one.waived === null);
    if (level !== 'enforce' || errors.length === 0)
        return;
    const listed = errors.map((one) => `${describeProblem(one)} (${one.rule})`);
    throw new src_errors/* UserError */.yo(`the migrations are not safe to run:\n${listed.join('\n')}`, {
        hint: 'Rewrite them as described, or allow one with a comment above it: -- slipway: allow <rule> because <reason>. Nothing was changed.',
    });
}
/** The lint as a whole, for the checklist. Pure. */
function lintVerdict(findings) {
    const open = findings.filter(({ waived, level }) => waived === null && level !== 'info');
    const waived = findings.filter((one) => one.waived !== null);
    const names = (of) => of
        .map((one) => `${one.file}:${one.line} ${one.rule}${one.waived ? ` because ${one.waived}` : ''}`)
        .join('; ');
    if (open.length > 0) {
        return { state: 'failed', evidence: `${(0,wording/* count */.U)(open.length, 'finding')}: ${names(open)}` };
    }
    if (waived.length > 0)
        return { state: 'waived', evidence: names(waived) };
    return { state: 'passed', evidence: 'no finding' };
}

;// CONCATENATED MODULE: ./actions/db-migrate/src/read-files.ts



/**
 * Reads the files with PostgreSQL's grammar, decides how each is run, and lints them.
 * @throws UserError with every file and line that cannot be run, or that the lint refuses.
 */
async function readFiles(options) {
    // The files are read while the database answers.
    const reading = loadGrammar().then((grammar) => parseFiles(grammar, options));
    const [{ pending, scripts, stepwise, problems, downs }, known] = await Promise.all([
        reading,
        options.known,
    ]);
    if (problems.length > 0) {
        throw new src_errors/* UserError */.yo(`the SQL files cannot be run:\n${problems.join('\n')}`, {
            hint: 'Nothing was changed.',
        });
    }
    const { findings, classes } = lintScripts([...scripts.values()], {
        appendOnly: options.lint['append-only'],
        // A team that writes no down migrations at all need not read about each.
        ...(options.pending.some(({ down }) => down !== null) ? { downs: new Map(downs) } : {}),
        ...(known ? { known } : {}),
    });
    const judged = options.lint.level === 'off' ? [] : findings;
    logFindings(options.context, judged);
    refuseFindings(options.lint.level, judged);
    return {
        pending: pending.map((one) => ({
            ...one,
            class: classes.get(one.file) === 'contract' ? 'contract' : one.class,
        })),
        scripts,
        stepwise,
        downs: downs.flatMap(([, script]) => script ?? []),
        contracts: [...classes.values()].includes('contract'),
        lint: lintVerdict(judged),
    };
}
function parseFiles(grammar, { pending: files, schemas }) {
    const problems = [];
    const scripts = new Map();
    const stepwise = new Set();
    const pending = files.map((one) => one.transaction === 'none' ? one : { ...one, sql: (0,unwrap/* unwrapTransaction */.s)(one.sql) });
    for (const { file, sql, transaction } of pending) {
        const script = readScript(grammar, file, sql);
        scripts.set(file, script);
        problems.push(...(0,syntax_problems/* scriptProblems */.sC)(script), ...syntaxProblems(script));
        const how = transaction === 'none' ? oneByOne(script) : transactionMode(script);
        if (how.mode === 'statements')
            stepwise.add(file);
        if (how.mode === 'refused')
            problems.push(...how.problems.map(describeProblem));
    }
    problems.push(...schemas.flatMap((one) => schemaProblems(grammar, one)));
    const downs = files.map(({ file, down }) => [file, down && readScript(grammar, down.file, down.sql)]);
    return { pending, scripts, stepwise, problems, downs };
}
/** The users say that there is no transaction: then there is none in the file either. */
function oneByOne(script) {
    const problems = ownTransactions(script);
    return problems.length > 0 ? { mode: 'refused', problems } : { mode: 'statements' };
}
function syntaxProblems(script) {
    return script.problems.map(describeProblem);
}
function schemaProblems(grammar, { file, sql }) {
    const script = readScript(grammar, file, sql);
    const mode = transactionMode(script);
    const alone = mode.mode === 'statements' ? [`${file}: contains statements that cannot run in a transaction`] : [];
    const refused = mode.mode === 'refused' ? mode.problems.map(describeProblem) : [];
    return [
        ...syntaxProblems(script),
        ...refused,
        ...alone,
        ...idempotenceProblems(script).map(describeProblem),
    ];
}
/** A down file as a rehearsal runs it. */
async function readDownFile({ file, sql }) {
    const script = readScript(await loadGrammar(), file, (0,unwrap/* unwrapTransaction */.s)(sql));
    const stepwise = transactionMode(script).mode === 'statements';
    return { file, sql: script.sql, statements: stepwise ? script.statements : null };
}
/** What each statement of a file locks, one line each. */
function describeLocks({ scripts }, file) {
    return (scripts.get(file)?.statements ?? []).flatMap((statement) => locksOf(statement).map((lock) => `line ${statement.line}: ${describeLock(lock)}`));
}


/***/ })

};
