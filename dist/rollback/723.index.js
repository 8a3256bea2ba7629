export const id = 723;
export const ids = [723];
export const modules = {

/***/ 723:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  replaceDatabase: () => (/* binding */ replaceDatabase)
});

// EXTERNAL MODULE: ./packages/backup/src/restore/restore.ts + 9 modules
var restore = __webpack_require__(299);
// EXTERNAL MODULE: ./packages/backup/src/restore/loss.ts
var restore_loss = __webpack_require__(3314);
;// CONCATENATED MODULE: ./packages/backup/src/restore/describe-restored.ts

/** What a backup is, in brackets. Pure. */
function describeBackup({ file, createdAt, counts }) {
    return `${file} of ${createdAt} (${Object.keys(counts).length} tables, all rows present)`;
}
/** What was done and what is lost by it, in sentences. Pure. */
function describeRestored(restored) {
    const { backup, database, loss, carried, old } = restored;
    const { sequences, checkpoints } = carried;
    const care = [
        ...(sequences.length > 0 ? [`${sequences.join(', ')} continues after the old head`] : []),
        ...(checkpoints > 0 ? [`${checkpoints} checkpoints were set back to the restored head`] : []),
    ];
    return `The database ${database} was restored from ${describeBackup(backup)}. Lost: ${(0,restore_loss/* describeLoss */.$4)(loss).join('; ')}.${care.length > 0 ? ` ${care.join('; ')}.` : ''} The old database is now named ${old}.`;
}
/** What remains to be done by hand. Pure. */
function afterRestore(old) {
    return `Drop the old database when it is no longer needed: DROP DATABASE "${old}". Messages and e-mails that were sent since the backup cannot be taken back; rebuild projections that live outside of this database.`;
}

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
;// CONCATENATED MODULE: ./actions/rollback/src/restore-database.ts


/**
 * Puts a backup in the place of the database, and writes to the target that it is done. Run again after that, it does not
 * do so once more: what was written since would be lost.
 * @throws Fault when another run took the lease; Cancelled.
 */
async function replaceDatabase(context, target, choice, { options }) {
    const { transaction, signal } = target;
    const { sequence, oldDatabase } = choice.from;
    let done = null;
    try {
        if (oldDatabase !== undefined && (await (0,restore/* hasDatabase */.A)(options, oldDatabase)))
            done = `The database was restored by an earlier attempt; the old one is now named ${oldDatabase}.`;
        else
            done = await replace(context, target, { sequence, options: { ...options, signal } });
        await transaction.send({ kind: 'reverted', sequence });
        return { done, failure: null };
    }
    catch (error) {
        const isOurs = error instanceof errors/* Fault */.vC || error instanceof errors/* UserError */.yo;
        if (!isOurs || error instanceof errors/* Cancelled */.cJ || signal.aborted)
            throw error;
        const what = done === null
            ? 'the database was not restored'
            : 'the database was restored, but that could not be written to the target';
        return { done, failure: `${what}: ${(0,errors/* describeError */.Uc)(error)}` };
    }
}
async function replace({ log, output }, { transaction }, { sequence, options }) {
    const restored = await log.group('Restore the database', () => (0,restore/* restoreDatabase */.C)({
        ...options,
        assertMaySwap: async (old) => {
            await transaction.send({ kind: 'swapping', sequence, old });
        },
    }));
    if (!restored.swapped)
        throw new errors/* UserError */.yo('the restore of the database is not confirmed');
    output({
        'restored-backup': restored.backup.file,
        'old-database': restored.old,
        loss: JSON.stringify(restored.loss),
    });
    const sentence = describeRestored(restored);
    log.info(sentence);
    return `${sentence} ${afterRestore(restored.old)}`;
}


/***/ })

};
