{{- define "holdwatch.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "holdwatch.labels" -}}
app.kubernetes.io/name: holdwatch
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "holdwatch.selector" -}}
app.kubernetes.io/name: holdwatch
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "holdwatch.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "holdwatch.claim" -}}
{{- .Values.state.existingClaim | default (printf "%s-state" (include "holdwatch.name" .)) -}}
{{- end -}}

{{/* What every pod has: a user of its own, nothing it could change, no token of the cluster. */}}
{{- define "holdwatch.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 60
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
volumes:
  - name: settings
    configMap: {name: {{ include "holdwatch.name" . }}-settings}
  - name: state
    persistentVolumeClaim: {claimName: {{ include "holdwatch.claim" . }}}
  - name: tmp
    emptyDir: {sizeLimit: 64Mi}
{{- if .Values.secretName }}
  - name: secrets
    secret: {secretName: {{ .Values.secretName }}, defaultMode: 0400}
{{- end }}
{{- end -}}

{{- define "holdwatch.container" -}}
image: {{ include "holdwatch.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: settings, mountPath: /etc/holdwatch/holdwatch.toml, subPath: holdwatch.toml, readOnly: true}
  - {name: state, mountPath: /var/lib/holdwatch}
  - {name: tmp, mountPath: /tmp}
{{- if .Values.secretName }}
  - {name: secrets, mountPath: /etc/holdwatch/secrets, readOnly: true}
{{- end }}
{{- end -}}
