import { ElMessage } from "element-plus";
import "element-plus/es/components/message/style/css";

/** A short confirmation that goes away by itself. Errors are never shown this way. */
export function toast(message: string): void {
  ElMessage({ message, type: "success", duration: 4000, grouping: true, offset: 56 });
}
