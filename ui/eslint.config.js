import prettier from "eslint-config-prettier";
import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";

const tauri = [
  {
    group: ["@tauri-apps/*"],
    message: "The shell is reached through src/backend only; both shells speak one call(command, args).",
  },
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/backend/generated", "src/components.d.ts"] },
  ...tseslint.configs.strict,
  ...vue.configs["flat/recommended"],
  {
    files: ["**/*.vue"],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    files: ["**/*.{ts,vue,js}"],
    rules: {
      "no-console": "error",
      eqeqeq: "error",
      "no-undef": "off",
      "vue/no-v-html": "error",
      "vue/no-v-text-v-html-on-component": "error",
      "vue/multi-word-component-names": "off",
      "vue/component-api-style": ["error", ["script-setup"]],
      "vue/block-order": ["error", { order: ["script", "template", "style"] }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-imports": ["error", { patterns: tauri }],
      "no-restricted-properties": [
        "error",
        { object: "document", property: "title", message: "A title is shown outside of the window: it names nobody." },
      ],
    },
  },
  { files: ["src/backend/**/*.ts"], rules: { "no-restricted-imports": "off" } },
  prettier,
);
