from django.contrib import admin

from jobs.models import Experiment, TrainingJob

admin.site.register(Experiment)
admin.site.register(TrainingJob)
