export const id = 672;
export const ids = [672];
export const modules = {

/***/ 1672:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   unwrapTransaction: () => (/* reexport safe */ _syntax_unwrap_js__WEBPACK_IMPORTED_MODULE_0__.s)
/* harmony export */ });
/* harmony import */ var _syntax_unwrap_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(447);
















/***/ })

};
