import { useEffect, useState, useSyncExternalStore } from 'react';
import { api, data } from '../../api/client';
import { useOnChange } from '../../app/LiveProvider';
import { ConnectFlow, type ConnectState, type Popup } from './connectFlow';

/** A ConnectFlow of this browser. */
export function useConnectFlow(): [ConnectState, ConnectFlow] {
  const onChange = useOnChange();
  const [flow] = useState(
    () =>
      new ConnectFlow({
        openPopup,
        begin: (body) => data(api.POST('/api/v1/integrations/servicenow/connect', { body })),
        attempt: (id) => data(api.GET('/api/v1/integrations/servicenow/attempts/{id}', { params: { path: { id } } })),
        onMessage: (listener) => {
          const onMessage = (event: MessageEvent) => {
            if (event.origin === window.location.origin) listener(event.data);
          };
          window.addEventListener('message', onMessage);
          return () => window.removeEventListener('message', onMessage);
        },
        onChange,
      }),
  );
  useEffect(() => () => flow.stop(), [flow]);
  return [useSyncExternalStore(flow.subscribe, flow.getState), flow];
}

function openPopup(): Popup | null {
  const [width, height] = [620, 760];
  const left = Math.round(window.screenX + (window.outerWidth - width) / 2);
  const top = Math.round(window.screenY + (window.outerHeight - height) / 3);
  const popup = window.open('about:blank', '_blank', `popup,width=${width},height=${height},left=${left},top=${top}`);
  if (!popup || popup.closed) return null;
  try {
    popup.document.title = 'Connecting ServiceNow';
    popup.document.body.style.cssText = 'margin:3rem;font:16px/1.5 system-ui,sans-serif;color-scheme:light dark';
    popup.document.body.textContent = 'Opening ServiceNow…';
  } catch {
    // Only a nicety: some browsers do not let the empty page be written to.
  }
  return {
    get closed() {
      return popup.closed;
    },
    navigate: (url) => {
      popup.location.href = url;
      popup.focus();
    },
    close: () => popup.close(),
  };
}
