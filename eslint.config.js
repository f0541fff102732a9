// typescript-eslint's strict, type-checked rules for everything that is TypeScript; plain rules for the
// few scripts that run before anything is built. Relaxations carry their reason.
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'demo-out/', 'coverage/', '**/*.gen.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.eslint.json', './src/report/client/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers in messages are what this program is about.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Under noUncheckedIndexedAccess hot loops over typed arrays need `!` where the index is known good.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `(event) => (seen = event)` and `() => log(x)` are clear enough.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Strings from outside are matched with `||` on purpose: an empty name is no name.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/cli.ts', 'src/cli/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.strict],
    rules: { eqeqeq: 'error' },
  },
);
