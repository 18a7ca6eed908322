"""Django: a PDF, written by fpdf2 or ReportLab when it is asked for, and sent from memory.

$ waitress-serve --listen=127.0.0.1:8000 report_pdf:app
"""

from datetime import UTC, datetime

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path
from fpdf import FPDF
from reportlab.pdfgen.canvas import Canvas

from wsgi_placeholder.memory import pdf_response, to_django


def invoice(request, number):
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))  # an equal invoice has an equal ETag
    pdf.add_page()
    pdf.set_font("helvetica", size=24)
    pdf.cell(text=f"Invoice {number}")
    return to_django(pdf_response(pdf, f"Invoice № {number}.pdf", attachment=True), request)


def label(request, name):
    def write(file):
        canvas = Canvas(file, pagesize=(200, 100), invariant=True)
        canvas.drawString(20, 50, name)
        canvas.save()

    return to_django(pdf_response(write), request)


urlpatterns = [path("invoices/<int:number>.pdf", invoice), path("labels/<name>.pdf", label)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1", "localhost"])
app = get_wsgi_application()
