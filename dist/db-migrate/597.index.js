export const id = 597;
export const ids = [597];
export const modules = {

/***/ 5597:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   describePlan: () => (/* binding */ describePlan)
/* harmony export */ });
/* harmony import */ var _migration_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1436);
/* harmony import */ var _review_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(917);
/* harmony import */ var _wording_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9488);



/** What would be done, with the SQL, the locks and the findings of each file. Nothing was changed to find out. */
async function describePlan(run) {
    const { context, plan, schemas, review } = run;
    const backup = (0,_migration_js__WEBPACK_IMPORTED_MODULE_1__/* .wantsBackup */ .SZ)(run) ? 'after a backup' : 'without a backup';
    const outputs = { 'schema-version': plan.current ?? '', applied: '0', backup: '' };
    if (!(0,_migration_js__WEBPACK_IMPORTED_MODULE_1__/* .hasWork */ .OJ)(run)) {
        const also = (0,_migration_js__WEBPACK_IMPORTED_MODULE_1__/* .wantsBackup */ .SZ)(run) ? ' A backup would be made.' : '';
        const summary = `Dry run: the schema is at ${plan.current}, nothing is pending.${also}`;
        return { outcome: 'skipped', summary, outputs };
    }
    for (const { file } of schemas)
        context.log.info(`schema file ${file}`);
    for (const { file, sql, class: kind } of plan.pending) {
        await context.log.group(`migration ${file} (${kind})`, async () => {
            context.log.info(sql.trim());
            for (const line of (0,_review_js__WEBPACK_IMPORTED_MODULE_0__/* .describeLocks */ .s)(review, file))
                context.log.info(line);
        });
    }
    const names = plan.pending.map(({ file, class: kind }) => `${file} (${kind})`).join(', ');
    const summary = `Dry run: ${(0,_wording_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U)(schemas.length, 'schema file')} and ${(0,_wording_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U)(plan.pending.length, 'migration')} would be run ${backup}${names && `: ${names}`}; nothing was changed.`;
    const files = plan.pending.map(({ file, version, class: kind }) => ({
        file,
        version,
        state: 'pending',
        class: kind,
    }));
    const evidence = { kind: 'migration', files, checks: run.checks };
    return { outcome: 'skipped', summary, outputs, evidence };
}


/***/ })

};
