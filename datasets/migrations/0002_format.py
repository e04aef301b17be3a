from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets', '0001_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='format',
            field=models.CharField(choices=[('csv', 'CSV or TSV'), ('parquet', 'Parquet'), ('jsonl', 'JSON lines'), ('libsvm', 'libsvm'), ('npz', 'NumPy'), ('idx', 'IDX'), ('recordio', 'RecordIO-protobuf'), ('labelled', 'text with labels')], default='csv', max_length=12),
        ),
    ]
