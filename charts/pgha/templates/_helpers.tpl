{{- /* Names of what is in a namespace. fullnameOverride wins; a nameOverride alone gives RELEASE-NAME. */ -}}
{{- define "pgha.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if .Values.nameOverride -}}
{{ printf "%s-%s" .Release.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- else if eq .Release.Name "pgha" -}}
pgha-operator
{{- else -}}
{{ printf "%s-pgha-operator" .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- /* Names of what is in no namespace: releases of one name in two namespaces have different ones. */ -}}
{{- define "pgha.clusterName" -}}
{{- $name := include "pgha.fullname" . -}}
{{- if and (eq $name "pgha-operator") (eq .Release.Namespace "pgha-system") -}}
pgha-operator
{{- else -}}
{{ printf "%s:%s" .Release.Namespace $name }}
{{- end -}}
{{- end -}}

{{- define "pgha.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "pgha.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- /* Of every object. What a person adds never takes the place of what the chart rests on. */ -}}
{{- define "pgha.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" (include "pgha.name" .)
  "app.kubernetes.io/component" "operator"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") -}}
{{- toYaml (merge $own .Values.commonLabels) }}
{{- end -}}

{{- define "pgha.name" -}}
{{ .Values.nameOverride | default "pgha" }}
{{- end -}}

{{- /* A release of another name than pgha selects its own pods alone. That one's selector is what it always was: it cannot change. */ -}}
{{- define "pgha.selector" -}}
app.kubernetes.io/name: {{ include "pgha.name" . }}
app.kubernetes.io/component: operator
{{- if ne .Release.Name "pgha" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- end -}}

{{- /* (list context annotations): the line and those of everything, or nothing. */ -}}
{{- define "pgha.annotations" -}}
{{- $context := index . 0 -}}
{{- with merge (dict) (index . 1) $context.Values.commonAnnotations -}}
annotations: {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{- define "pgha.image" -}}
{{- $repository := .Values.image.repository -}}
{{- with .Values.image.registry }}{{ $repository = printf "%s/%s" . $repository }}{{ end -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- /* How a monitor scrapes: the same for pods as for a Service. */ -}}
{{- define "pgha.endpoint" -}}
port: metrics
interval: {{ .interval }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
# A metric's namespace is the one of its resource, not the one of the operator.
honorLabels: true
{{- with .relabelings }}
relabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The namespaces that are watched, as JSON; none: all of them. */}}
{{- define "pgha.watched" -}}
{{- if kindIs "slice" .Values.watch }}{{ toJson (uniq .Values.watch) }}
{{- else if eq .Values.watch "own" }}{{ toJson (list .Release.Namespace) }}
{{- else }}[]
{{- end }}
{{- end }}
