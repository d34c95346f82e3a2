import { createApp } from "vue";
import "element-plus/theme-chalk/dark/css-vars.css";
import "./styles/tokens.css";
import "./styles/base.css";
import App from "./App.vue";
import { openBackend, toUiError } from "./backend";
import { appKey, createAppState } from "./state/app";
import { followColorScheme } from "./state/theme";
import NoBackend from "./screens/start/NoBackend.vue";

followColorScheme();

openBackend().then(
  (backend) => {
    createApp(App).provide(appKey, createAppState(backend)).mount("#app");
  },
  (thrown) => {
    createApp(NoBackend, { error: toUiError(thrown) }).mount("#app");
  },
);
