{{- define "openhall.name" -}}
{{- if contains "openhall" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-openhall" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{- define "openhall.selector" -}}
app.kubernetes.io/name: openhall
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "openhall.labels" -}}
{{ include "openhall.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "openhall.image" -}}
{{- $repository := required "image.repository: the registry that you pushed the image to" .Values.image.repository -}}
{{- if .Values.image.digest }}{{ printf "%s@%s" $repository .Values.image.digest }}{{ else }}{{ printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) }}{{ end -}}
{{- end -}}

{{- /* What cannot work is refused here, before anything starts. */ -}}
{{- define "openhall.check" -}}
{{- $_ := required "config.base-url: the https address by which people reach the hall" (index .Values.config "base-url") -}}
{{- $_ := required "config.origin: the name of the log, fixed for good by the first start, such as hall.example.gov.cn/log" .Values.config.origin -}}
{{- range list "data" "addr" "node" "database" "smtp" "sms-secret" -}}
{{- if hasKey $.Values.config . }}{{ fail (printf "config.%s: the chart sets it, or a secret holds it" .) }}{{ end -}}
{{- end -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- $_ := required "replicas: several nodes need PostgreSQL: set database.existingSecret" .Values.database.existingSecret -}}
{{- $_ := required "replicas: several nodes share uploads and keys: set storage.existingClaim to a claim that all can write" .Values.storage.existingClaim -}}
{{- end -}}
{{- if gt (int .Values.replicas) 512 }}{{ fail "replicas: a hall has 512 nodes at most" }}{{ end -}}
{{- end -}}
