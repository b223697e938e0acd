from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='letters',
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.CreateModel(
            name='Mail',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('models.Session', source_field='session_id', db_constraint=True, to_field='id', related_name='mails', on_delete=OnDelete.RESTRICT)),
                ('seat', fields.ForeignKeyField('models.Seat', source_field='seat_id', db_constraint=True, to_field='id', related_name='mails', on_delete=OnDelete.RESTRICT)),
                ('what', fields.CharField(max_length=12)),
                ('issue', fields.IntField()),
                ('number', fields.IntField(default=0, db_default=0)),
                ('state', fields.CharField(default='queued', db_default='queued', max_length=8)),
                ('tries', fields.IntField(default=0, db_default=0)),
                ('reason', fields.CharField(default='', db_default='', max_length=16)),
                ('queued_at', fields.FloatField()),
                ('due_at', fields.FloatField()),
                ('taken_at', fields.FloatField(null=True)),
                ('sent_at', fields.FloatField(null=True)),
            ],
            options={'table': 'mail', 'app': 'models', 'unique_together': (('seat', 'what', 'issue', 'number'),), 'indexes': [Index(fields=['state', 'due_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
