from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('models', '0002_mail')]

    operations = [
        ops.AddField(model_name='Session', name='room', field=fields.CharField(default='', db_default='', max_length=6)),
        ops.AddField(model_name='Session', name='takes_newcomers', field=fields.BooleanField(default=False, db_default=False)),
        ops.AddField(model_name='Session', name='screen', field=fields.CharField(default='', db_default='', max_length=8)),
        ops.AddField(model_name='Round', name='ends_at', field=fields.FloatField(null=True)),
        ops.AddField(model_name='Round', name='paused_left', field=fields.FloatField(null=True)),
        ops.AddField(model_name='Seat', name='is_entered', field=fields.BooleanField(default=False, db_default=False)),
        ops.CreateModel(
            name='Call',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('models.Session', source_field='session_id', db_constraint=True, to_field='id', related_name='calls', on_delete=OnDelete.CASCADE)),
                ('round', fields.ForeignKeyField('models.Round', source_field='round_id', null=True, db_constraint=True, to_field='id', related_name='calls', on_delete=OnDelete.CASCADE)),
                ('seat', fields.ForeignKeyField('models.Seat', source_field='seat_id', db_constraint=True, to_field='id', related_name='calls', on_delete=OnDelete.CASCADE)),
                ('what', fields.CharField(max_length=16)),
                ('about', fields.CharField(default='', db_default='', max_length=64)),
                ('at', fields.FloatField()),
                ('state', fields.CharField(default='waiting', db_default='waiting', max_length=16)),
            ],
            options={'table': 'call', 'app': 'models', 'indexes': [Index(fields=['session_id', 'state'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
