import { createApp, shallowRef } from "vue";
import "element-plus/theme-chalk/dark/css-vars.css";
import "./styles/tokens.css";
import "./styles/base.css";
import App from "./App.vue";
import { openBackend, toUiError } from "./backend";
import { appKey, createAppState } from "./state/app";
import { followLooks } from "./state/theme";
import NoBackend from "./screens/start/NoBackend.vue";

openBackend().then(
  (backend) => {
    const app = createAppState(backend);
    followLooks(app.preferences);
    createApp(App).provide(appKey, app).mount("#app");
  },
  (thrown) => {
    followLooks(shallowRef(null));
    createApp(NoBackend, { error: toUiError(thrown) }).mount("#app");
  },
);
